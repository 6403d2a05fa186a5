/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_s8__neon.c: sums of two values of one shape, 16 at a time. */
#include <string.h>

#include "neon/ew_kernels__neon.h"
#include "neon/ew_output__neon.h"

typedef struct {
    int32x4_t a_mult, b_mult, offset;
    int32x4_t shift;      /* to the right: negative */
    int16x8_t rest_shift; /* what is left of it behind 16 */
    int8x16_t min, max;
} add_t;

EW_INLINE int32x4_t four(int16x4_t a, int16x4_t b, const add_t *p)
{
    return vmlaq_s32(vmlaq_s32(p->offset, vmovl_s16(a), p->a_mult), vmovl_s16(b), p->b_mult);
}

/* is_long: the shift is 16 or more, so that the upper halves are taken first.
 * Bounds: floor(floor(v / 2^16) / 2^rest) = floor(v / 2^(16 + rest)); in the other case saturation to int16 does not
 * change the int8 result. */
EW_INLINE int16x8_t eight(int8x8_t a, int8x8_t b, int is_long, const add_t *p)
{
    const int16x8_t wide_a = vmovl_s8(a), wide_b = vmovl_s8(b);
    const int32x4_t low = four(vget_low_s16(wide_a), vget_low_s16(wide_b), p);
    const int32x4_t high = four(vget_high_s16(wide_a), vget_high_s16(wide_b), p);
    if (is_long) {
        return vshlq_s16(vuzp2q_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(high)), p->rest_shift);
    }
    return vqmovn_high_s32(vqmovn_s32(vshlq_s32(low, p->shift)), vshlq_s32(high, p->shift));
}

EW_INLINE int8x16_t sixteen(int8x16_t a, int8x16_t b, int is_long, const add_t *p)
{
    const int16x8_t low = eight(vget_low_s8(a), vget_low_s8(b), is_long, p);
    const int16x8_t high = eight(vget_high_s8(a), vget_high_s8(b), is_long, p);
    return vminq_s8(vmaxq_s8(vqmovn_high_s16(vqmovn_s16(low), high), p->min), p->max);
}

/* The last elements pass through a copy, as y may be a or b. */
EW_INLINE void add(const int8_t *a, const int8_t *b, int8_t *y, uint32_t n, int is_long, add_t p)
{
    for (; n >= 16; n -= 16, a += 16, b += 16, y += 16) {
        vst1q_s8(y, sixteen(vld1q_s8(a), vld1q_s8(b), is_long, &p));
    }
    if (n) {
        int8_t last[2][16] = {{0}, {0}};
        memcpy(last[0], a, n);
        memcpy(last[1], b, n);
        vst1q_s8(last[0], sixteen(vld1q_s8(last[0]), vld1q_s8(last[1]), is_long, &p));
        memcpy(y, last[0], n);
    }
}

void ew_add_s8__neon(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const add_t sum = {vdupq_n_s32(p->a_mult),
                       vdupq_n_s32(p->b_mult),
                       vdupq_n_s32(p->offset),
                       vdupq_n_s32(-p->shift),
                       vdupq_n_s16((int16_t)(16 - p->shift)),
                       vdupq_n_s8(p->act_min),
                       vdupq_n_s8(p->act_max)};
    (void)scratch;
    if (p->shift >= 16) {
        add(a, b, y, p->n, 1, sum);
    } else {
        add(a, b, y, p->n, 0, sum);
    }
}
