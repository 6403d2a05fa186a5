/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_s8__sdot.c: sums of two values of one shape, sixteen at a time. */
#include <string.h>

#include "c/ew_layout.h"
#include "sdot/ew_kernels__sdot.h"

/* offset: that of the sum in each. places: of the bytes of four lanes each, the others nowhere. mults: a_mult, then
 * b_mult, times 2^7, four of each. limits: act_min, then act_max. shift: what is left of the shift behind 16, to the
 * right: negative. */
typedef struct {
    int32_t offset[16];
    uint8_t places[64];
    int32_t mults[8];
    int8_t limits[32];
    int16_t shift[8];
} ew_add__sdot_t;
EW_LAYOUT(ew_add__sdot_t, 5, offset, 0, places, 64, mults, 128, limits, 160, shift, 192);

/* n: a positive multiple of sixteen. y may be a or b.
 * Bounds: |a_mult| and |b_mult| < 2^24, and no partial sum leaves int32. */
void ew_add_sixteens__sdot(const ew_add__sdot_t *p, const int8_t *a, const int8_t *b, int8_t *y, uint64_t n);

void ew_add_s8__sdot(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const uint32_t whole = p->n & ~15u, rest = p->n % 16;
    ew_add__sdot_t sum;
    (void)scratch;
    memset(sum.places, 255, sizeof sum.places);
    for (int i = 0; i < 16; i++) {
        sum.offset[i] = p->offset;
        sum.places[4 * i + 3] = (uint8_t)i;
        sum.limits[i] = p->act_min;
        sum.limits[16 + i] = p->act_max;
    }
    for (int i = 0; i < 4; i++) {
        sum.mults[i] = p->a_mult * 128;
        sum.mults[4 + i] = p->b_mult * 128;
    }
    for (int i = 0; i < 8; i++) {
        sum.shift[i] = (int16_t)(16 - p->shift);
    }
    if (whole) {
        ew_add_sixteens__sdot(&sum, a, b, y, whole);
    }
    if (rest) { /* through a copy, as y may be a or b */
        int8_t last[2][16] = {{0}, {0}};
        memcpy(last[0], a + whole, rest);
        memcpy(last[1], b + whole, rest);
        ew_add_sixteens__sdot(&sum, last[0], last[1], last[0], 16);
        memcpy(y + whole, last[0], rest);
    }
}
