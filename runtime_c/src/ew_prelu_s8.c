#include "ew_fixed_point.h"
#include "ew_kernels.h"

void ew_prelu_s8(const ew_prelu_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    (void)scratch;
    for (uint32_t i = 0; i < p->n; i++) {
        for (uint32_t c = 0; c < p->channels; c++) {
            const int32_t centred = *x++ - p->x_zero;
            const int below = centred < 0;
            const int32_t acc = below ? centred * p->negative_sign[c] : centred;
            *y++ = ew_requantize_s8(acc, below ? p->negative_mult[c] : p->mult, p->shift, p->y_zero, -128, 127);
        }
    }
}
