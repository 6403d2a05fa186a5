/* SPDX-License-Identifier: Apache-2.0 */
/* ew_prelu_s8.c: values below zero scaled by channel. */
#include "ew_kernels.h"
#include "ew_output.h"

void ew_prelu_s8(const ew_prelu_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output_t to = {p->y_zero, -128, 127, p->shift};
    const int32_t x_zero = p->x_zero, mult = p->mult;
    const uint32_t channels = p->channels;
    (void)scratch;
    for (uint32_t i = 0; i < p->n; i++) {
        for (uint32_t c = 0; c < channels; c++) {
            const int32_t centred = *x++ - x_zero;
            const int below = centred < 0;
            const int32_t acc = below ? centred * p->negative_sign[c] : centred;
            *y++ = ew_output_s8(to, acc, below ? p->negative_mult[c] : mult);
        }
    }
}
