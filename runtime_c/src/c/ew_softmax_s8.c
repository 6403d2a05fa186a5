/* SPDX-License-Identifier: Apache-2.0 */
/* ew_softmax_s8.c: softmax along an axis by a table of exponentials. */
#include "ew_fixed_point.h"
#include "ew_kernels.h"

static uint32_t exponential(const ew_softmax_s8_t *p, int32_t below_max)
{
    return below_max < p->exp_entries ? p->exp_table[below_max] : 0;
}

/* Softmax of one column: n values, `inner` apart. */
static void softmax_column(const ew_softmax_s8_t *p, const int8_t *x, int8_t *y)
{
    const uint32_t end = p->n * p->inner;
    int32_t max = -128;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < end; i += p->inner) {
        max = x[i] > max ? x[i] : max;
    }
    for (uint32_t i = 0; i < end; i += p->inner) {
        sum += exponential(p, max - x[i]);
    }
    for (uint32_t i = 0; i < end; i += p->inner) {
        const uint32_t level = (exponential(p, max - x[i]) * p->y_levels + sum / 2) / sum;
        y[i] = (int8_t)ew_clamp_s32((int32_t)level + p->y_zero, -128, 127);
    }
}

void ew_softmax_s8(const ew_softmax_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    (void)scratch;
    for (uint32_t o = 0; o < p->outer; o++, x += p->n * p->inner, y += p->n * p->inner) {
        for (uint32_t i = 0; i < p->inner; i++) {
            softmax_column(p, x + i, y + i);
        }
    }
}
