/* SPDX-License-Identifier: Apache-2.0 */
/* ew_mul_broadcast_s8__dsp.c: product with broadcasting. shift must be 0. y may be an operand that is not repeated. No
 * scratch. */
#include "c/ew_broadcast.h"
#include "dsp/ew_kernels__dsp.h"
#include "ew_rows__dsp.h"

/* A row times one value. */
static void scale_row(const int8_t *x, int32_t x_zero, int32_t factor, const ew_mul_s8_t *p, int8_t *y, uint32_t n)
{
    const int32_t mult = p->mult, y_zero = p->y_zero;
    for (const int8_t *const end = y + n; y != end;) {
        *y++ = (int8_t)ew_requantize_full_s8((*x++ - x_zero) * factor, mult, y_zero);
    }
}

void ew_mul_broadcast_s8__dsp(const ew_mul_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y,
                              void *scratch)
{
    const ew_mul_s8_t *mul = &p->mul;
    ew_broadcast_row_t row = ew_broadcast_begin(&p->shape);
    int8_t *to = y;
    (void)scratch;
    do {
        const int8_t *from_a = a + row.a, *from_b = b + row.b;
        if (row.a_step && row.b_step) {
            ew_mul_row__dsp(from_a, from_b, to, mul, row.n);
        } else if (row.a_step) {
            scale_row(from_a, mul->a_zero, *from_b - mul->b_zero, mul, to, row.n);
        } else if (row.b_step) {
            scale_row(from_b, mul->b_zero, *from_a - mul->a_zero, mul, to, row.n);
        } else {
            const int32_t product = (*from_a - mul->a_zero) * (*from_b - mul->b_zero);
            ew_fill__dsp(to, ew_four_bytes(ew_requantize_full_s8(product, mul->mult, mul->y_zero)), (int32_t)row.n);
        }
        to += row.n;
    } while (ew_broadcast_next(&p->shape, &row));
    ew_clamp__dsp(y, (uint32_t)(to - y), mul->act_min, mul->act_max);
}
