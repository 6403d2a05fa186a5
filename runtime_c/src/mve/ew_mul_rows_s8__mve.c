/* SPDX-License-Identifier: Apache-2.0 */
/* ew_mul_rows_s8__mve.c: products with broadcasting, where both operands go on by 1 along a row. */
#include "c/ew_broadcast.h"
#include "mve/ew_kernels__mve.h"

void ew_mul_rows_s8__mve(const ew_mul_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    ew_broadcast_row_t row = ew_broadcast_begin(&p->shape);
    ew_mul_s8_t mul = p->mul;
    mul.n = row.n;
    do {
        ew_mul_s8__mve(&mul, a + row.a, b + row.b, y, scratch);
        y += row.n;
    } while (ew_broadcast_next(&p->shape, &row));
}
