/* SPDX-License-Identifier: Apache-2.0 */
/* ew_mul_broadcast_s8.c: products with broadcasting. */
#include "ew_broadcast.h"
#include "ew_output.h"

void ew_mul_broadcast_s8(const ew_mul_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const ew_output_t to = {p->mul.y_zero, p->mul.act_min, p->mul.act_max, p->mul.shift};
    const int32_t a_zero = p->mul.a_zero, b_zero = p->mul.b_zero, mult = p->mul.mult;
    ew_broadcast_row_t row = ew_broadcast_begin(&p->shape);
    (void)scratch;
    do {
        const int8_t *pa = a + row.a;
        const int8_t *pb = b + row.b;
        const uint32_t a_step = row.a_step, b_step = row.b_step;
        for (const int8_t *const end = y + row.n; y != end; pa += a_step, pb += b_step) {
            *y++ = ew_output_s8(to, (*pa - a_zero) * (*pb - b_zero), mult);
        }
    } while (ew_broadcast_next(&p->shape, &row));
}
