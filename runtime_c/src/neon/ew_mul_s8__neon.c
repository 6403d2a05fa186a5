/* SPDX-License-Identifier: Apache-2.0 */
/* ew_mul_s8__neon.c: products of two values of one shape, 8 at a time. */
#include <string.h>

#include "neon/ew_kernels__neon.h"
#include "neon/ew_output__neon.h"

typedef struct {
    int8x8_t a_zero, b_zero;
    int32x4_t mult;
} mul_t;

EW_INLINE int16x8_t eight(int8x8_t a, int8x8_t b, const mul_t *p, const ew_output__neon_t *out)
{
    const int16x8_t wide_a = vsubl_s8(a, p->a_zero), wide_b = vsubl_s8(b, p->b_zero);
    int32x4_t acc[2] = {vmull_s16(vget_low_s16(wide_a), vget_low_s16(wide_b)), vmull_high_s16(wide_a, wide_b)};
    ew_shift__neon(acc, 2, out);
    return ew_centred__neon(acc[0], acc[1], p->mult, p->mult, out);
}

EW_INLINE int8x16_t sixteen(int8x16_t a, int8x16_t b, const mul_t *p, const ew_output__neon_t *out)
{
    return ew_narrowed__neon(eight(vget_low_s8(a), vget_low_s8(b), p, out),
                             eight(vget_high_s8(a), vget_high_s8(b), p, out), out);
}

/* The last elements pass through a copy, as y may be a or b. */
void ew_mul_s8__neon(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const ew_output__neon_t out = ew_output__neon(p->shift, p->y_zero, p->act_min, p->act_max);
    const mul_t mul = {vdup_n_s8(p->a_zero), vdup_n_s8(p->b_zero), vdupq_n_s32(p->mult / 2)};
    uint32_t n = p->n;
    (void)scratch;
    for (; n >= 16; n -= 16, a += 16, b += 16, y += 16) {
        vst1q_s8(y, sixteen(vld1q_s8(a), vld1q_s8(b), &mul, &out));
    }
    if (n) {
        int8_t last[2][16] = {{0}, {0}};
        memcpy(last[0], a, n);
        memcpy(last[1], b, n);
        vst1q_s8(last[0], sixteen(vld1q_s8(last[0]), vld1q_s8(last[1]), &mul, &out));
        memcpy(y, last[0], n);
    }
}
