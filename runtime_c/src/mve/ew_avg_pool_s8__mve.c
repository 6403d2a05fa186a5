/* SPDX-License-Identifier: Apache-2.0 */
/* ew_avg_pool_s8__mve.c: average pooling, channels in lanes. */
#include "mve/ew_kernels__mve.h"
#include "mve/ew_pool_window__mve.h"

void ew_avg_pool_s8__mve(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_pool_core__mve_t core = ew_pool_core_of(p, y);
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        const ew_span_t rows = ew_span_inside(r * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
        for (int32_t q = 0; q < p->out_w; q++) {
            const ew_span_t cols = ew_span_inside(q * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
            const uint32_t positions = ew_pool_place(&core, p, x, rows, cols);
            core.first = -(int32_t)positions * p->x_zero;
            core.mult = p->mult[p->mult_is_uniform ? 0 : positions - p->count_min] / 2;
            ew_pool_core_sum__mve(&core);
            core.y += p->channels;
        }
    }
}
