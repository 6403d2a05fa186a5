/* SPDX-License-Identifier: Apache-2.0 */
/* ew_reduce_sum_s8__mve.c: sums or means along an axis, columns in lanes. */
#include "mve/ew_kernels__mve.h"
#include "mve/ew_pool_core__mve.h"

/* Bounds: n < 2^23 keeps 255 * n inside int32. */
void ew_reduce_sum_s8__mve(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_pool_core__mve_t core = {.x = x,
                                .y = y,
                                .rows = 1,
                                .run = p->n,
                                .run_step = p->inner,
                                .channels = p->inner,
                                .act_min = p->act_min,
                                .act_max = p->act_max,
                                .first = -(int32_t)p->n * p->x_zero,
                                .mult = p->mult / 2,
                                .shift = p->shift,
                                .y_zero = p->y_zero};
    (void)scratch;
    for (uint32_t o = 0; o < p->outer; o++) {
        ew_pool_core_sum__mve(&core);
        core.x += p->n * p->inner;
        core.y += p->inner;
    }
}
