/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_rows_s8__mve.c: sums with broadcasting, where both operands go on by 1 along a row. */
#include "c/ew_broadcast.h"
#include "mve/ew_kernels__mve.h"

void ew_add_rows_s8__mve(const ew_add_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    ew_broadcast_row_t row = ew_broadcast_begin(&p->shape);
    ew_add_s8_t add = p->add;
    add.n = row.n;
    do {
        ew_add_s8__mve(&add, a + row.a, b + row.b, y, scratch);
        y += row.n;
    } while (ew_broadcast_next(&p->shape, &row));
}
