/* SPDX-License-Identifier: Apache-2.0 */
/* ew_reduce_sum_s8.c: sums or means along an axis, row by row. */
#include "ew_kernels.h"
#include "ew_output.h"

/* Rows are added into one row of sums, so that memory is read in order.
 * Bounds: n < 2^23 keeps 255 * n inside int32. */
void ew_reduce_sum_s8(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const uint32_t inner = p->inner;
    const int32_t mult = p->mult;
    int32_t *const sums = (int32_t *)scratch;
    const int32_t first = -(int32_t)p->n * p->x_zero;
    for (uint32_t o = 0; o < p->outer; o++) {
        for (uint32_t i = 0; i < inner; i++) {
            sums[i] = first;
        }
        for (uint32_t k = 0; k < p->n; k++) {
            for (uint32_t i = 0; i < inner; i++) {
                sums[i] += *x++;
            }
        }
        for (uint32_t i = 0; i < inner; i++) {
            *y++ = ew_output_s8(to, sums[i], mult);
        }
    }
}
