/* SPDX-License-Identifier: Apache-2.0 */
/* ew_reduce_max_s8.c: largest or smallest values along an axis. */
#include "ew_kernels.h"

void ew_reduce_max_s8(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int is_max = p->is_max;
    const uint32_t inner = p->inner;
    (void)scratch;
    for (uint32_t o = 0; o < p->outer; o++, y += inner) {
        for (uint32_t i = 0; i < inner; i++) {
            y[i] = *x++;
        }
        for (uint32_t k = 1; k < p->n; k++) {
            for (uint32_t i = 0; i < inner; i++, x++) {
                y[i] = (y[i] < *x) == is_max ? *x : y[i];
            }
        }
    }
}
