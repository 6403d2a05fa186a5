/* SPDX-License-Identifier: Apache-2.0 */
/* ew_arg_max_s8.c: indices of largest or smallest values along an axis. */
#include "ew_kernels.h"

void ew_arg_max_s8(const ew_arg_max_s8_t *p, const int8_t *x, int32_t *y, void *scratch)
{
    const int sign = p->is_max ? 1 : -1;
    const int last = p->select_last ? 1 : 0; /* 1 lets an equal value win */
    (void)scratch;
    for (uint32_t o = 0; o < p->outer; o++, x += p->n * p->inner) {
        for (uint32_t i = 0; i < p->inner; i++) {
            const int8_t *seen = x + i;
            int best = -256;
            int32_t index = 0;
            for (uint32_t k = 0; k < p->n; k++, seen += p->inner) {
                if (sign * *seen + last > best) {
                    best = sign * *seen;
                    index = (int32_t)k;
                }
            }
            *y++ = index;
        }
    }
}
