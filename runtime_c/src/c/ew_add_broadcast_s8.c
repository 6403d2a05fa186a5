/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_broadcast_s8.c: sums with broadcasting. */
#include "ew_broadcast.h"
#include "ew_fixed_point.h"

void ew_add_broadcast_s8(const ew_add_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const int32_t a_mult = p->add.a_mult, b_mult = p->add.b_mult, offset = p->add.offset;
    const int32_t act_min = p->add.act_min, act_max = p->add.act_max;
    const unsigned shift = p->add.shift;
    ew_broadcast_row_t row = ew_broadcast_begin(&p->shape);
    (void)scratch;
    do {
        const int8_t *pa = a + row.a;
        const int8_t *pb = b + row.b;
        const uint32_t a_step = row.a_step, b_step = row.b_step;
        for (const int8_t *const end = y + row.n; y != end; pa += a_step, pb += b_step) {
            const int32_t acc = *pa * a_mult + *pb * b_mult + offset;
            *y++ = (int8_t)ew_clamp_s32(acc >> shift, act_min, act_max);
        }
    } while (ew_broadcast_next(&p->shape, &row));
}
