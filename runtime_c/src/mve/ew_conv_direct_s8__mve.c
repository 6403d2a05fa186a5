/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_direct_s8__mve.c: convolution whose windows are runs of bytes of the input: one row high, without gaps and
 * padding. w: blocks of ew_gemm__mve.h. */
#include "mve/ew_gemm__mve.h"
#include "mve/ew_kernels__mve.h"

void ew_conv_direct_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_gemm_shape_t shape = {.w = p->w,
                                   .depth = (uint32_t)p->k_w * p->in_c,
                                   .out_c = p->out_c,
                                   .x_step = (uint32_t)p->stride_w * p->in_c,
                                   .y_step = p->out_c,
                                   .y_zero = p->y_zero};
    ew_gemm_core__mve_t g = ew_gemm_of__mve(&shape);
    const int8_t *x_end = x + (uint32_t)p->in_h * p->in_w * p->in_c;
    const uint32_t row_step = (uint32_t)p->stride_h * p->in_w * p->in_c;
    uint32_t rows = p->out_h;
    uint32_t pixels = p->out_w;
    if (p->stride_w == 1 && p->stride_h == 1 && p->out_w == p->in_w) { /* one long row */
        pixels *= rows;
        rows = 1;
    }
    for (uint32_t r = 0; r < rows; r++) {
        ew_gemm_bounded__mve(&g, x + r * row_step, x_end, y + r * pixels * p->out_c, pixels, scratch);
    }
    ew_clamp_of_conv(p, y);
}
