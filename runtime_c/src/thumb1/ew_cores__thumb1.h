/* SPDX-License-Identifier: Apache-2.0 */
/* ew_cores__thumb1.h: the assembly cores of the Armv6-M kernels.
 *
 * Armv6-M multiplies 32 x 32 to 32 bits only, so the cores requantize from 16-bit halves:
 *   (acc * mult + 2^31) >> 32 = (ah * mult + al * mh + (al * ml >> 16) + 2^15) >> 16
 * with acc = ah * 2^16 + al and mult = mh * 2^16 + ml, al and ml unsigned.
 * Bounds: every term may wrap modulo 2^32; the sum is right when the result and y_zero together are inside 16 bits,
 * which the kernel descriptions prove for each channel from the largest sum its weights allow. */
#ifndef EW_CORES__THUMB1_H
#define EW_CORES__THUMB1_H

#include "c/ew_layout.h"
#include "ew_kernels.h"

/* What turns a sum into an output, the same for all channels of a layer. */
typedef struct {
    int32_t rounding; /* 2^15 + y_zero * 2^16 */
    int32_t act_min, act_max;
} ew_output__thumb1_t;
EW_LAYOUT(ew_output__thumb1_t, 3, rounding, 0, act_min, 4, act_max, 8);

static inline ew_output__thumb1_t ew_output__thumb1(int32_t y_zero, int32_t act_min, int32_t act_max)
{
    const ew_output__thumb1_t to = {(1 << 15) + y_zero * (1 << 16), act_min, act_max};
    return to;
}

/* Up to four positions times all outputs; the lanes of the others compute what is overwritten.
 *   w: for each output its bias, its mult, then `taps` bytes of weight + 128; taps is a multiple of 4
 *   x: four words of -128 * sum of the position's taps, then [taps][4] the widened taps of the four positions
 *   y: the first position's outputs; y_offsets: those of the second to the fourth position from there, in bytes,
 *   0 for a position that does not exist: the first position is written last */
typedef struct {
    const void *w;
    const int32_t *x, *x_end;
    int8_t *y;
    uint32_t outputs;
    uint32_t y_offsets[3];
    ew_output__thumb1_t to;
} ew_gemm_px4__thumb1_t;
EW_LAYOUT(ew_gemm_px4__thumb1_t, 7, w, 0, x, 4, x_end, 8, y, 12, outputs, 16, y_offsets, 20, to, 32);

void ew_gemm_px4__thumb1(const ew_gemm_px4__thumb1_t *p);

/* words[4 * (r * n + i)] = x[r * pitch + i], i < n, r < rows; rows >= 1. The result is the sum of those x. */
int32_t ew_widen__thumb1(const int8_t *x, int32_t *words, uint32_t n, uint32_t pitch, uint32_t rows);

/* One position times outputs in blocks of four.
 *   w: for each block four biases, four mults, then [taps][4] bytes of weight + 128
 *   correction: -128 * sum of x   outputs: a multiple of 4 */
typedef struct {
    const void *w;
    const int8_t *x, *x_end4, *x_end; /* x_end4: the end of whole groups of four */
    int8_t *y, *y_end;
    int32_t correction;
    ew_output__thumb1_t to;
} ew_fc4__thumb1_t;
EW_LAYOUT(ew_fc4__thumb1_t, 8, w, 0, x, 4, x_end4, 8, x_end, 12, y, 16, y_end, 20, correction, 24, to, 28);

void ew_fc4__thumb1(const ew_fc4__thumb1_t *p);

/* One tap of a depthwise window, at channel 0. */
typedef struct {
    const int8_t *x, *w;
} ew_tap__thumb1_t;
EW_LAYOUT(ew_tap__thumb1_t, 2, x, 0, w, 4);

/* One position of a depthwise convolution, all channels.
 *   taps, taps_end: at least one tap   params: for each channel its bias and its mult */
typedef struct {
    const ew_tap__thumb1_t *taps, *taps_end;
    const int32_t *params;
    int8_t *y;
    uint32_t channels;
    ew_output__thumb1_t to;
} ew_depthwise_px1__thumb1_t;
EW_LAYOUT(ew_depthwise_px1__thumb1_t, 6, taps, 0, taps_end, 4, params, 8, y, 12, channels, 16, to, 20);

void ew_depthwise_px1__thumb1(const ew_depthwise_px1__thumb1_t *p);

#endif
