#include "ew_fixed_point.h"
#include "ew_kernels.h"

void ew_add_s8(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    (void)scratch;
    for (uint32_t i = 0; i < p->n; i++) {
        const int32_t acc = (a[i] * p->a_mult + b[i] * p->b_mult + p->offset) >> p->shift;
        y[i] = (int8_t)ew_clamp_s32(acc, p->act_min, p->act_max);
    }
}
