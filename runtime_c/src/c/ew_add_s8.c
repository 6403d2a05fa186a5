/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_s8.c: sums of two values of one shape. */
#include "ew_fixed_point.h"
#include "ew_kernels.h"

void ew_add_s8(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const int32_t a_mult = p->a_mult, b_mult = p->b_mult, offset = p->offset;
    const int32_t act_min = p->act_min, act_max = p->act_max;
    const unsigned shift = p->shift;
    const int8_t *const end = a + p->n;
    (void)scratch;
    while (a != end) {
        const int32_t acc = *a++ * a_mult + *b++ * b_mult + offset;
        *y++ = (int8_t)ew_clamp_s32(acc >> shift, act_min, act_max);
    }
}
