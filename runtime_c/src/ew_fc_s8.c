#include "ew_fixed_point.h"
#include "ew_kernels.h"

void ew_fc_s8(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    (void)scratch;
    for (uint32_t r = 0; r < p->rows; r++, x += p->in_features) {
        const int8_t *w = (const int8_t *)p->w;
        for (uint32_t o = 0; o < p->out_features; o++, w += p->in_features) {
            int32_t acc = p->bias[o];
            for (uint32_t i = 0; i < p->in_features; i++) {
                acc += x[i] * w[i];
            }
            *y++ = ew_requantize_s8(acc, p->mult[o], p->shift, p->y_zero, p->act_min, p->act_max);
        }
    }
}
