/* SPDX-License-Identifier: Apache-2.0 */
/* ew_cores_w4__thumb1.h: the cores for 4-bit weights; ew_cores__thumb1.h derives how they requantize.
 *
 * Inputs stand as x + 128, in 0..255, so that two products fit the halfwords of one word:
 *   sum w * x = sum w * (x + 128) - 128 * sum w, of which the last term is in the bias. */
#ifndef EW_CORES_W4__THUMB1_H
#define EW_CORES_W4__THUMB1_H

#include "ew_cores__thumb1.h"

/* One position times outputs in blocks of eight.
 *   w: for each block eight biases, eight mults, a word for each input; nibble c of a word is u = w + 8 of output c
 *   (word & 0x000F000F: outputs 0 and 4; shifted right by 4: 1 and 5; ...)
 *   x: x + 128   correction: -8 * sum of those   outputs: a multiple of 8   shift: does not saturate
 * Bounds: 16 * 15 * 255 < 2^16, for the inputs of a round. */
typedef struct {
    const void *w;
    const uint8_t *x, *x_end;
    int8_t *y, *y_end;
    int32_t correction;
    uint32_t shift;
    ew_output__thumb1_t to;
} ew_fc8_w4__thumb1_t;

void ew_fc8_w4__thumb1(const ew_fc8_w4__thumb1_t *p);

/* Up to eight positions times all outputs.
 *   w: for each output its bias, its mult, then runs { number of words, words }, then 0; a word holds the weights of
 *   eight taps as signed nibbles, the first one lowest
 *   x: [taps][4] words, position p below position p + 4, as x + 128; taps is a multiple of 8
 *   y: the first position's outputs; pitch: bytes to those of the next one; positions: 1 to 8
 * Bounds: the weights of a run have sum |w| <= 128, so that |sum| <= 255 * 128 < 2^15. */
typedef struct {
    const void *w;
    const uint32_t *x;
    int8_t *y, *y_end;
    uint32_t pitch, positions;
    uint32_t shift;
    ew_output__thumb1_t to;
} ew_gemm_px8_w4__thumb1_t;

void ew_gemm_px8_w4__thumb1(const ew_gemm_px8_w4__thumb1_t *p);

#endif
