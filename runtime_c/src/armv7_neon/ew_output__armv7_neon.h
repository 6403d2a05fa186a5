/* SPDX-License-Identifier: Apache-2.0 */
/* ew_output__armv7_neon.h: from int32 accumulators to int8 outputs, with the bits of ew_requantize_s8 (Armv7 NEON).
 *
 * VQRDMULH doubles the product, so that multipliers are kept halved; that loses nothing, they are even. */
#ifndef EW_OUTPUT__ARMV7_NEON_H
#define EW_OUTPUT__ARMV7_NEON_H

#include <arm_neon.h>

#define EW_INLINE static inline __attribute__((always_inline))

typedef struct {
    int32x4_t shift;
    int16x8_t zero;
    int8x8_t min, max;
    int is_shifted;
} ew_output__armv7_neon_t;

EW_INLINE ew_output__armv7_neon_t ew_output__armv7_neon(uint8_t shift, int8_t zero, int8_t min, int8_t max)
{
    const ew_output__armv7_neon_t out = {vdupq_n_s32(shift), vdupq_n_s16(zero), vdup_n_s8(min), vdup_n_s8(max),
                                         shift != 0};
    return out;
}

/* sat32(acc << shift) of n accumulators; a kernel does this to all that it holds before it scales them. */
EW_INLINE void ew_shift__armv7_neon(int32x4_t *acc, int n, const ew_output__armv7_neon_t *out)
{
    if (out->is_shifted) {
        for (int i = 0; i < n; i++) {
            acc[i] = vqshlq_s32(acc[i], out->shift);
        }
    }
}

/* Eight outputs: clamp(zero + round(acc * mult / 2^32)).
 * Bounds: saturation to int16 does not change the int8 result, as the zero point is less than 2^8. */
EW_INLINE int8x8_t ew_requantized__armv7_neon(int32x4_t low, int32x4_t high, int32x4_t low_mult, int32x4_t high_mult,
                                              const ew_output__armv7_neon_t *out)
{
    const int16x8_t wide =
        vcombine_s16(vqmovn_s32(vqrdmulhq_s32(low, low_mult)), vqmovn_s32(vqrdmulhq_s32(high, high_mult)));
    return vmin_s8(vmax_s8(vqmovn_s16(vqaddq_s16(wide, out->zero)), out->min), out->max);
}

#endif
