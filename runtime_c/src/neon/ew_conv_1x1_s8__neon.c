/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_1x1_s8__neon.c: 1x1 convolution of any stride; w: ew_gemm__neon.h, with bias and mult. */
#include "neon/ew_gemm__neon.h"
#include "neon/ew_kernels__neon.h"

void ew_conv_1x1_s8__neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_gemm_t g = {p->w, p->in_c, p->out_c, p->shift, p->y_zero, p->act_min, p->act_max};
    const int8_t *const x_end = x + (uint32_t)p->in_h * p->in_w * p->in_c;
    if (p->stride_h == 1 && p->stride_w == 1 && p->out_w == p->in_w) {
        ew_gemm_bounded__neon(&g, x, x_end, p->in_c, y, (uint32_t)p->out_h * p->out_w, scratch);
        return;
    }
    for (uint32_t r = 0; r < p->out_h; r++) {
        ew_gemm_bounded__neon(&g, x + r * p->stride_h * p->in_w * p->in_c, x_end, (uint32_t)p->stride_w * p->in_c,
                              y + r * p->out_w * p->out_c, p->out_w, scratch);
    }
}
