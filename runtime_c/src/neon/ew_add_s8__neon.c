#include <string.h>

#include "ew_kernels.h"
#include "neon/ew_output_neon.h"

typedef struct {
    int32x4_t a_mult, b_mult, offset, shift;
    int8x16_t min, max;
} add_t;

/* Four sums of the int16 halves that vmovl gives, shifted. */
EW_INLINE int16x4_t four(int16x4_t a, int16x4_t b, const add_t *p)
{
    const int32x4_t acc = vmlaq_s32(vmlaq_s32(p->offset, vmovl_s16(a), p->a_mult), vmovl_s16(b), p->b_mult);
    return vqmovn_s32(vshlq_s32(acc, p->shift));
}

EW_INLINE int16x8_t eight(int8x8_t a, int8x8_t b, const add_t *p)
{
    const int16x8_t wide_a = vmovl_s8(a), wide_b = vmovl_s8(b);
    return vcombine_s16(four(vget_low_s16(wide_a), vget_low_s16(wide_b), p),
                        four(vget_high_s16(wide_a), vget_high_s16(wide_b), p));
}

EW_INLINE int8x16_t sixteen(int8x16_t a, int8x16_t b, const add_t *p)
{
    const int16x8_t low = eight(vget_low_s8(a), vget_low_s8(b), p), high = eight(vget_high_s8(a), vget_high_s8(b), p);
    return vminq_s8(vmaxq_s8(vqmovn_high_s16(vqmovn_s16(low), high), p->min), p->max);
}

/* The last elements pass through a copy, as y may be a or b. */
void ew_add_s8__neon(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const add_t add = {vdupq_n_s32(p->a_mult), vdupq_n_s32(p->b_mult), vdupq_n_s32(p->offset),
                       vdupq_n_s32(-p->shift), vdupq_n_s8(p->act_min), vdupq_n_s8(p->act_max)};
    uint32_t n = p->n;
    (void)scratch;
    for (; n >= 16; n -= 16, a += 16, b += 16, y += 16) {
        vst1q_s8(y, sixteen(vld1q_s8(a), vld1q_s8(b), &add));
    }
    if (n) {
        int8_t last[2][16] = {{0}, {0}};
        memcpy(last[0], a, n);
        memcpy(last[1], b, n);
        vst1q_s8(last[0], sixteen(vld1q_s8(last[0]), vld1q_s8(last[1]), &add));
        memcpy(y, last[0], n);
    }
}
