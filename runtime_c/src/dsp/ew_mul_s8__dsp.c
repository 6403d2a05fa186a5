/* ew_mul_s8__dsp.c: product of two values of one shape. shift must be 0. y may be a or b. No scratch. */
#include "ew_dsp.h"
#include "ew_kernels.h"

void ew_mul_s8__dsp(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const int32_t a_zero = p->a_zero, b_zero = p->b_zero, y_zero = p->y_zero, mult = p->mult;
    const uint32_t n = p->n;
    const int8_t *const pairs_end = y + n / 2 * 2;
    (void)scratch;
    while (y != pairs_end) {
        const int32_t y0 = ew_requantize_full_s8((a[0] - a_zero) * (b[0] - b_zero), mult, y_zero);
        const int32_t y1 = ew_requantize_full_s8((a[1] - a_zero) * (b[1] - b_zero), mult, y_zero);
        a += 2;
        b += 2;
        y[0] = (int8_t)y0;
        y[1] = (int8_t)y1;
        y += 2;
    }
    if (n % 2) {
        *y++ = (int8_t)ew_requantize_full_s8((*a - a_zero) * (*b - b_zero), mult, y_zero);
    }
    ew_clamp_s8_dsp(y - n, n, p->act_min, p->act_max);
}
