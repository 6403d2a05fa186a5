/* ew_output.h: requantization with a layer's constants in local variables, where a store through int8_t *
 * cannot force them to be read again. */
#ifndef EW_OUTPUT_H
#define EW_OUTPUT_H

#include "ew_fixed_point.h"

typedef struct {
    int32_t y_zero, act_min, act_max;
    unsigned shift;
} ew_output_t;

/* ew_shl_sat_s32 in 32-bit steps without a constant result, so that GCC sees one 32x32 multiply after it. */
static inline int32_t ew_output_shifted(int32_t acc, unsigned shift)
{
    const int32_t high = INT32_MAX >> shift;
    const uint32_t ones = acc > high ? ((uint32_t)1 << shift) - 1 : 0;
    return (int32_t)(((uint32_t)ew_clamp_s32(acc, -high - 1, high) << shift) | ones);
}

/* ew_requantize_s8. */
static inline int8_t ew_output_s8(ew_output_t to, int32_t acc, int32_t mult)
{
    const int32_t scaled = ew_mul_hi_round_s32(to.shift ? ew_output_shifted(acc, to.shift) : acc, mult);
    return (int8_t)ew_clamp_s32(scaled + to.y_zero, to.act_min, to.act_max);
}

#endif
