/* ew_add_s8__dsp.c: sum of two values of one shape, four elements at a time. y may be a or b. No scratch.
 * Bounds: as for ew_add_s8, proven by the compiler; the saturation to int8 comes before the activation range. */
#include <stddef.h>

#include "ew_dsp.h"
#include "ew_kernels.h"

typedef char ew_add_s8_layout_dsp[offsetof(ew_add_s8_t, offset) == 8 && offsetof(ew_add_s8_t, shift) == 16 ? 1 : -1];
int8_t *ew_add_fours_dsp(const int8_t *a, const int8_t *b, int8_t *y, const ew_add_s8_t *p, uint32_t n);

void ew_add_s8__dsp(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const uint32_t whole = p->n / 4 * 4;
    int8_t *to = ew_add_fours_dsp(a, b, y, p, whole);
    (void)scratch;
    for (uint32_t i = whole; i < p->n; i++) {
        *to++ = (int8_t)ew_saturate_s8((a[i] * p->a_mult + b[i] * p->b_mult + p->offset) >> p->shift);
    }
    ew_clamp_s8_dsp(y, p->n, p->act_min, p->act_max);
}
