/* SPDX-License-Identifier: Apache-2.0 */
/* ew_mul_s8.c: products of two values of one shape. */
#include "ew_kernels.h"
#include "ew_output.h"

void ew_mul_s8(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const int32_t a_zero = p->a_zero, b_zero = p->b_zero, mult = p->mult;
    const int8_t *const end = a + p->n;
    (void)scratch;
    while (a != end) {
        const int32_t acc = (*a++ - a_zero) * (*b++ - b_zero);
        *y++ = ew_output_s8(to, acc, mult);
    }
}
