/* SPDX-License-Identifier: Apache-2.0 */
/* ew_output.h: requantization with a layer's constants in local variables, where a store through int8_t *
 * cannot force them to be read again. */
#ifndef EW_OUTPUT_H
#define EW_OUTPUT_H

#include "ew_fixed_point.h"

typedef struct {
    int32_t y_zero, act_min, act_max;
    unsigned shift;
} ew_output_t;

/* ew_requantize_s8. */
static inline int8_t ew_output_s8(ew_output_t to, int32_t acc, int32_t mult)
{
    const int32_t scaled = EW_SCALED_S32(acc, mult, to.shift);
    return (int8_t)ew_clamp_s32(scaled + to.y_zero, to.act_min, to.act_max);
}

#endif
