#include "ew_broadcast.h"
#include "ew_fixed_point.h"

void ew_add_broadcast_s8(const ew_add_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const ew_add_s8_t *add = &p->add;
    ew_broadcast_row_t row = ew_broadcast_begin(&p->shape);
    (void)scratch;
    do {
        const int8_t *pa = a + row.a;
        const int8_t *pb = b + row.b;
        for (uint32_t i = 0; i < row.n; i++, pa += row.a_step, pb += row.b_step) {
            const int32_t acc = (*pa * add->a_mult + *pb * add->b_mult + add->offset) >> add->shift;
            *y++ = (int8_t)ew_clamp_s32(acc, add->act_min, add->act_max);
        }
    } while (ew_broadcast_next(&p->shape, &row));
}
