/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fixed_point.h: the C twin of edgewright.numerics; the only home of requantization in C. */
#ifndef EW_FIXED_POINT_H
#define EW_FIXED_POINT_H

#include <stdint.h>

/* Clamp v to [lo, hi]; lo <= hi. */
static inline int32_t ew_clamp_s32(int32_t v, int32_t lo, int32_t hi)
{
    return v < lo ? lo : (v > hi ? hi : v);
}

/* v << shift, saturated to int32; 0 <= shift <= 31. In 32-bit steps, so that GCC sees one 32x32 multiply behind it. */
static inline int32_t ew_shl_sat_s32(int32_t v, unsigned shift)
{
    const int32_t high = INT32_MAX >> shift;
    const uint32_t ones = v > high ? ((uint32_t)1 << shift) - 1 : 0;
    return (int32_t)(((uint32_t)ew_clamp_s32(v, -high - 1, high) << shift) | ones);
}

/* round(acc * mult / 2^32), halves towards plus infinity.
 * Bounds: |acc * mult| <= 2^62, so neither the product nor the rounding term overflows int64.
 * Arithmetic right shift of a negative value is what every supported compiler does. */
static inline int32_t ew_mul_hi_round_s32(int32_t acc, int32_t mult)
{
    return (int32_t)(((int64_t)acc * mult + ((int64_t)1 << 31)) >> 32);
}

/* round(sat32(acc << shift) * mult / 2^32). A macro, so that each of its users is inlined as a whole. */
#define EW_SCALED_S32(acc, mult, shift) ew_mul_hi_round_s32((shift) ? ew_shl_sat_s32(acc, shift) : (acc), mult)

/* One int8 output: clamp(y_zero + round(sat32(acc << shift) * mult / 2^32), act_min, act_max).
 * mult is even and 0 <= mult < 2^31, so that SMMLAR, VQRDMULH and SQRDMULH give the same bits.
 * Bounds: |round(...)| <= 2^30, so adding an int8 zero point cannot overflow. */
static inline int8_t ew_requantize_s8(int32_t acc, int32_t mult, unsigned shift, int32_t y_zero, int32_t act_min,
                                      int32_t act_max)
{
    const int32_t scaled = EW_SCALED_S32(acc, mult, shift);
    return (int8_t)ew_clamp_s32(scaled + y_zero, act_min, act_max);
}

#endif
