/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_1x1_s8__sdot.c: 1x1 convolution of any stride; w: ew_gemm__sdot.h, with bias and mult. */
#include "advsimd/ew_gemm.h"
#include "sdot/ew_kernels__sdot.h"

void ew_conv_1x1_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_gemm_t g = {p->w, p->in_c, p->out_c, p->shift, p->y_zero, p->act_min, p->act_max};
    const uint32_t x_bytes = (uint32_t)p->in_h * p->in_w * p->in_c;
    if (p->stride_h == 1 && p->stride_w == 1 && p->out_w == p->in_w) {
        ew_gemm_bounded(ew_gemm__sdot, &g, x, x_bytes, p->in_c, y, (uint32_t)p->out_h * p->out_w, scratch);
        return;
    }
    for (uint32_t r = 0; r < p->out_h; r++) {
        const uint32_t row = r * p->stride_h * p->in_w * p->in_c;
        ew_gemm_bounded(ew_gemm__sdot, &g, x + row, x_bytes - row, (uint32_t)p->stride_w * p->in_c,
                        y + r * p->out_w * p->out_c, p->out_w, scratch);
    }
}
