/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_s8__armv7_neon.c: sums of two values of one shape, eight at a time. */
/* -O2 and -Os keep the parameters in memory. */
#pragma GCC optimize("O3")

#include <string.h>

#include "armv7_neon/ew_kernels__armv7_neon.h"
#include "armv7_neon/ew_output__armv7_neon.h"

typedef struct {
    int32x4_t a_mult, b_mult, offset, shift;
    int8x8_t min, max;
} add_t;

EW_INLINE int16x4_t four(int16x4_t a, int16x4_t b, const add_t *p)
{
    const int32x4_t acc = vmlaq_s32(vmlaq_s32(p->offset, vmovl_s16(a), p->a_mult), vmovl_s16(b), p->b_mult);
    return vqmovn_s32(vshlq_s32(acc, p->shift));
}

EW_INLINE int8x8_t eight(int8x8_t a, int8x8_t b, const add_t *p)
{
    const int16x8_t wide_a = vmovl_s8(a), wide_b = vmovl_s8(b);
    const int16x8_t v = vcombine_s16(four(vget_low_s16(wide_a), vget_low_s16(wide_b), p),
                                     four(vget_high_s16(wide_a), vget_high_s16(wide_b), p));
    return vmin_s8(vmax_s8(vqmovn_s16(v), p->min), p->max);
}

/* The last elements pass through a copy, as y may be a or b. */
void ew_add_s8__armv7_neon(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const add_t add = {vdupq_n_s32(p->a_mult), vdupq_n_s32(p->b_mult), vdupq_n_s32(p->offset),
                       vdupq_n_s32(-p->shift), vdup_n_s8(p->act_min),  vdup_n_s8(p->act_max)};
    uint32_t n = p->n;
    (void)scratch;
    for (; n >= 8; n -= 8, a += 8, b += 8, y += 8) {
        vst1_s8(y, eight(vld1_s8(a), vld1_s8(b), &add));
    }
    if (n) {
        int8_t last[2][8] = {{0}, {0}};
        memcpy(last[0], a, n);
        memcpy(last[1], b, n);
        vst1_s8(last[0], eight(vld1_s8(last[0]), vld1_s8(last[1]), &add));
        memcpy(y, last[0], n);
    }
}
