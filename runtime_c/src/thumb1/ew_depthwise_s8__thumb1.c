/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_s8__thumb1.c: depthwise convolution without multiplier. bias: {bias, mult} of each channel. */
#include "c/ew_taps.h"
#include "ew_cores__thumb1.h"
#include "thumb1/ew_kernels__thumb1.h"

void ew_depthwise_s8__thumb1(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_tap__thumb1_t *const taps = (ew_tap__thumb1_t *)scratch;
    ew_tap__thumb1_t *const taps_end = taps + p->k_h * p->k_w;
    int8_t *const outside = (int8_t *)taps_end;
    const int8_t *w = (const int8_t *)p->w;
    ew_depthwise_px1__thumb1_t px1 = {taps, taps_end, p->bias,
                                      y,    p->out_c, ew_output__thumb1(p->y_zero, p->act_min, p->act_max)};
    for (ew_tap__thumb1_t *tap = taps; tap != taps_end; tap++, w += p->out_c) {
        tap->w = w;
    }
    for (int32_t c = 0; c < p->in_c; c++) {
        outside[c] = p->x_zero;
    }
    for (int32_t r = 0; r < p->out_h; r++) {
        int inside = 0;
        for (int32_t q = 0; q < p->out_w; q++, px1.y += p->out_c) {
            inside = ew_taps_next(p, x, outside, r, q, &taps->x, sizeof *taps / sizeof taps->x, inside);
            ew_depthwise_px1__thumb1(&px1);
        }
    }
}
