/* SPDX-License-Identifier: Apache-2.0 */
/* ew_output__neon.h: from int32 accumulators to int8 outputs, with the bits of ew_requantize_s8 (AArch64).
 *
 * SQRDMULH doubles the product, so that multipliers are kept halved; that loses nothing, they are even. */
#ifndef EW_OUTPUT__NEON_H
#define EW_OUTPUT__NEON_H

#include <arm_neon.h>

#define EW_INLINE static inline __attribute__((always_inline))

typedef struct {
    int32x4_t shift;
    int16x8_t zero;
    int8x16_t min, max;
    int is_shifted;
} ew_output__neon_t;

EW_INLINE ew_output__neon_t ew_output__neon(uint8_t shift, int8_t zero, int8_t min, int8_t max)
{
    const ew_output__neon_t out = {vdupq_n_s32(shift), vdupq_n_s16(zero), vdupq_n_s8(min), vdupq_n_s8(max), shift != 0};
    return out;
}

/* sat32(acc << shift) of n accumulators; a kernel does this to all that it holds before it scales them. */
EW_INLINE void ew_shift__neon(int32x4_t *acc, int n, const ew_output__neon_t *out)
{
    if (out->is_shifted) {
        for (int i = 0; i < n; i++) {
            acc[i] = vqshlq_s32(acc[i], out->shift);
        }
    }
}

/* round(acc * mult / 2^32) of four accumulators, saturated to int16. */
EW_INLINE int16x4_t ew_scaled__neon(int32x4_t acc, int32x4_t half_mult)
{
    return vqmovn_s32(vqrdmulhq_s32(acc, half_mult));
}

/* The same of eight, with the zero point added.
 * Bounds: saturation to int16 does not change the int8 result, as the zero point is less than 2^8. */
EW_INLINE int16x8_t ew_centred__neon(int32x4_t low, int32x4_t high, int32x4_t low_mult, int32x4_t high_mult,
                                     const ew_output__neon_t *out)
{
    return vqaddq_s16(vqmovn_high_s32(ew_scaled__neon(low, low_mult), vqrdmulhq_s32(high, high_mult)), out->zero);
}

EW_INLINE int8x16_t ew_narrowed__neon(int16x8_t low, int16x8_t high, const ew_output__neon_t *out)
{
    return vminq_s8(vmaxq_s8(vqmovn_high_s16(vqmovn_s16(low), high), out->min), out->max);
}

EW_INLINE int8x8_t ew_narrowed_half__neon(int16x8_t v, const ew_output__neon_t *out)
{
    return vmin_s8(vmax_s8(vqmovn_s16(v), vget_low_s8(out->min)), vget_low_s8(out->max));
}

#endif
