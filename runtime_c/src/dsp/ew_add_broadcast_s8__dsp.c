/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_broadcast_s8__dsp.c: sum with broadcasting. y may be an operand that is not repeated. No scratch.
 * Bounds: as for ew_add_s8; an operand that is one value along a row becomes part of the offset, which stays the same
 * partial sum. */
#include "c/ew_broadcast.h"
#include "dsp/ew_kernels__dsp.h"
#include "ew_rows__dsp.h"

void ew_add_broadcast_s8__dsp(const ew_add_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y,
                              void *scratch)
{
    ew_broadcast_row_t row = ew_broadcast_begin(&p->shape);
    int8_t *to = y;
    (void)scratch;
    do {
        ew_add_s8_t sum = p->add;
        const int8_t *from_a = a + row.a, *from_b = b + row.b;
        if (row.a_step == 0) {
            sum.offset += *from_a * sum.a_mult;
            sum.a_mult = 0;
            from_a = from_b; /* anything */
        }
        if (row.b_step == 0) {
            sum.offset += *from_b * sum.b_mult;
            sum.b_mult = 0;
            from_b = from_a;
        }
        if (row.a_step == 0 && row.b_step == 0) {
            const int32_t value = ew_saturate_s8(sum.offset >> sum.shift);
            ew_fill__dsp(to, ew_four_bytes(value), (int32_t)row.n);
        } else {
            ew_add_row__dsp(from_a, from_b, to, &sum, row.n);
        }
        to += row.n;
    } while (ew_broadcast_next(&p->shape, &row));
    ew_clamp__dsp(y, (uint32_t)(to - y), p->add.act_min, p->add.act_max);
}
