#include "ew_broadcast.h"
#include "ew_fixed_point.h"

void ew_mul_broadcast_s8(const ew_mul_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const ew_mul_s8_t *mul = &p->mul;
    ew_broadcast_row_t row = ew_broadcast_begin(&p->shape);
    (void)scratch;
    do {
        const int8_t *pa = a + row.a;
        const int8_t *pb = b + row.b;
        for (uint32_t i = 0; i < row.n; i++, pa += row.a_step, pb += row.b_step) {
            const int32_t acc = (*pa - mul->a_zero) * (*pb - mul->b_zero);
            *y++ = ew_requantize_s8(acc, mul->mult, mul->shift, mul->y_zero, mul->act_min, mul->act_max);
        }
    } while (ew_broadcast_next(&p->shape, &row));
}
