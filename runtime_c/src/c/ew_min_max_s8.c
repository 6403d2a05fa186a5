/* SPDX-License-Identifier: Apache-2.0 */
/* ew_min_max_s8.c: the larger or smaller of two values, with broadcasting. */
#include "ew_broadcast.h"

void ew_min_max_s8(const ew_min_max_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const int is_max = p->is_max;
    ew_broadcast_row_t row = ew_broadcast_begin(&p->shape);
    (void)scratch;
    do {
        const int8_t *pa = a + row.a;
        const int8_t *pb = b + row.b;
        const uint32_t a_step = row.a_step, b_step = row.b_step;
        for (const int8_t *const end = y + row.n; y != end; pa += a_step, pb += b_step) {
            *y++ = (*pa < *pb) == is_max ? *pb : *pa;
        }
    } while (ew_broadcast_next(&p->shape, &row));
}
