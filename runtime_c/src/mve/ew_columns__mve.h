/* SPDX-License-Identifier: Apache-2.0 */
/* ew_columns__mve.h: how a convolution goes down its output columns.
 *
 * The input rows that the windows of a column see are copied once, one run of k_w taps after the other, so that
 * every window is consecutive bytes and neighbours share their rows. */
#ifndef EW_COLUMNS__MVE_H
#define EW_COLUMNS__MVE_H

#include "mve/ew_gemm__mve.h"
#include "mve/ew_window__mve.h"

/* w: uint32 output rows per segment, uint32 0, then the blocks of ew_gemm__mve.h. */
static inline ew_gemm_core__mve_t ew_columns_gemm(const ew_conv_s8_t *p)
{
    const uint32_t run = (uint32_t)p->k_w * p->in_c;
    const ew_gemm_shape_t shape = {.w = (const int8_t *)p->w + 8,
                                   .depth = p->k_h * run,
                                   .out_c = p->out_c,
                                   .x_step = p->stride_h * run,
                                   .y_step = (uint32_t)p->out_w * p->out_c,
                                   .y_zero = p->y_zero};
    return ew_gemm_of__mve(&shape);
}

typedef void ew_columns_product_t(ew_gemm_core__mve_t *g, const int8_t *windows, int8_t *y, uint32_t pixels);

static inline void ew_columns(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, int8_t *scratch,
                              ew_columns_product_t *product)
{
    const uint32_t segment = *(const uint32_t *)p->w;
    ew_gemm_core__mve_t g = ew_columns_gemm(p);
    for (uint32_t r = 0; r < p->out_h; r += segment) {
        const uint32_t pixels = p->out_h - r < segment ? p->out_h - r : segment;
        ew_window__mve_t window = {.row = (int32_t)(r * p->stride_h) - p->pad_top,
                                   .row_step = 1,
                                   .rows = (pixels - 1u) * p->stride_h + p->k_h,
                                   .column = -p->pad_left};
        for (uint32_t q = 0; q < p->out_w; q++) {
            ew_window_copy__mve(p, x, &window, scratch);
            product(&g, scratch, y + (r * p->out_w + q) * p->out_c, pixels);
            window.column += p->stride_w;
        }
    }
    ew_clamp_of_conv(p, y);
}

#endif
