/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_windows_s8__mve.c: convolution with any window at all, each copied by itself. */
#include "mve/ew_gemm__mve.h"
#include "mve/ew_kernels__mve.h"
#include "mve/ew_window__mve.h"

/* Along each output row, every window copied by itself: dilated rows, and outputs of a single row.
 * w: uint32 pixels per segment, uint32 0, then the blocks of ew_gemm__mve.h. */
void ew_conv_windows_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t segment = *(const uint32_t *)p->w;
    const uint32_t window_bytes = (uint32_t)p->k_h * p->k_w * p->in_c;
    const ew_gemm_shape_t shape = {.w = (const int8_t *)p->w + 8,
                                   .depth = window_bytes,
                                   .out_c = p->out_c,
                                   .x_step = window_bytes,
                                   .y_step = p->out_c,
                                   .y_zero = p->y_zero};
    ew_gemm_core__mve_t g = ew_gemm_of__mve(&shape);
    for (uint32_t r = 0; r < p->out_h; r++) {
        ew_window__mve_t window = {.row = (int32_t)(r * p->stride_h) - p->pad_top,
                                   .row_step = p->dilation_h,
                                   .rows = p->k_h,
                                   .column = -p->pad_left};
        for (uint32_t q = 0; q < p->out_w; q += segment) {
            const uint32_t pixels = p->out_w - q < segment ? p->out_w - q : segment;
            for (uint32_t i = 0; i < pixels; i++) {
                ew_window_copy__mve(p, x, &window, (int8_t *)scratch + i * window_bytes);
                window.column += p->stride_w;
            }
            ew_gemm__mve(&g, scratch, y + (r * p->out_w + q) * p->out_c, pixels);
        }
    }
    ew_clamp_of_conv(p, y);
}
