/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_driver__dsp.h: depthwise convolution straight from NHWC; ew_dw_px__dsp.S describes the weights.
 *
 * p->w: those weights, with bias and multipliers inside; p->bias and p->mult are not read. p->shift must be 0, in_c at
 * least 4 and equal to out_c. patch: k_h * k_w * in_c bytes, if there is padding. */
#ifndef EW_DEPTHWISE_DRIVER__DSP_H
#define EW_DEPTHWISE_DRIVER__DSP_H

#include "c/ew_layout.h"
#include "ew_kernels.h"
#include "ew_simd__dsp.h"

/* Arguments of the assembly, which copies them to its stack as they stand. */
typedef struct {
    int32_t y_zero;
    int8_t *y;
    const int8_t *x;
    uint32_t px_step; /* bytes from one window to the next */
    const uint32_t *w;
    uint32_t groups; /* of four channels */
    uint32_t back;   /* channels that another four, the last ones, share with these; 0: there are no others */
    uint32_t pixels;
    uint32_t tap_step, row_step; /* bytes from a tap, a row of taps to the next */
    uint32_t rows;               /* of a window */
    uint32_t pairs, odd;         /* taps of a row */
} ew_dw_px__dsp_t;
EW_LAYOUT(ew_dw_px__dsp_t, 13, y_zero, 0, y, 4, x, 8, px_step, 12, w, 16, groups, 20, back, 24, pixels, 28, tap_step,
          32, row_step, 36, rows, 40, pairs, 44, odd, 48);

typedef void ew_dw_px__dsp_fn(const ew_dw_px__dsp_t *s);
ew_dw_px__dsp_fn ew_dw_px__dsp, ew_dw_px_3x3__dsp;

void ew_depthwise_driver__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, int8_t *patch,
                              ew_dw_px__dsp_fn *window);

#endif
