#include "ew_fixed_point.h"
#include "ew_kernels.h"

void ew_mul_s8(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    (void)scratch;
    for (uint32_t i = 0; i < p->n; i++) {
        const int32_t acc = (a[i] - p->a_zero) * (b[i] - p->b_zero);
        y[i] = ew_requantize_s8(acc, p->mult, p->shift, p->y_zero, p->act_min, p->act_max);
    }
}
