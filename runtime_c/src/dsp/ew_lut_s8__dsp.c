/* ew_lut_s8__dsp.c: a table of 256 values, four elements at a time. y may be x. No scratch. */
#include "ew_dsp.h"
#include "ew_kernels.h"

void ew_lut_s8__dsp(const ew_lut_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int8_t *const zero = p->table + 128;
    const int8_t *const fours_end = y + p->n / 4 * 4, *const end = y + p->n;
    (void)scratch;
    while (y != fours_end) {
        const int8_t y0 = zero[x[0]], y1 = zero[x[1]], y2 = zero[x[2]], y3 = zero[x[3]];
        x += 4;
        y[0] = y0;
        y[1] = y1;
        y[2] = y2;
        y[3] = y3;
        y += 4;
    }
    while (y != end) {
        *y++ = zero[*x++];
    }
}
