/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__avx2.h: positions times outputs, the core of the AVX2 convolutions and fully connected layers. */
#ifndef EW_GEMM__AVX2_H
#define EW_GEMM__AVX2_H

#include "ew_vectors__avx2.h"

/* Windows into widened input: position p sees rows x taps runs of 2 * pairs values,
 *   x + p * position_pitch + row * row_pitch + tap * tap_pitch
 * A run of odd length reads one value more and multiplies it by a weight of 0. */
typedef struct {
    const int16_t *x;
    uint32_t position_pitch, row_pitch, tap_pitch; /* in values */
    uint32_t rows, taps, pairs;
} ew_windows__avx2_t;

/* w: for each block of 16 outputs [rows][taps][pairs][16][2]; bias, mult: [outputs] rounded up to whole blocks, in
 * the order of ew_requantize_split__avx2. */
typedef struct {
    const int8_t *w;
    const int32_t *bias, *mult;
    uint32_t outputs;
    ew_output__avx2_t to;
} ew_layer__avx2_t;

/* y[p * outputs + o] of `positions` windows. */
void ew_gemm__avx2(const ew_layer__avx2_t *layer, const ew_windows__avx2_t *windows, uint32_t positions, int8_t *y);

#endif
