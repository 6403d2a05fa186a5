/* SPDX-License-Identifier: Apache-2.0 */
/* ew_stream__armv7_neon.h: loads that step their own pointer.
 *
 * VLD1 has no offset, only a step of its pointer. The empty statement keeps two steps of a pointer apart: GCC
 * would join them and compute each address on its own. */
#ifndef EW_STREAM__ARMV7_NEON_H
#define EW_STREAM__ARMV7_NEON_H

#include <arm_neon.h>

static inline __attribute__((always_inline)) int8x16_t ew_next_16(const int8_t **p)
{
    const int8x16_t v = vld1q_s8(*p);
    *p += 16;
    __asm__("" : "+r"(*p));
    return v;
}

static inline __attribute__((always_inline)) int8x8_t ew_next_8(const int8_t **p, int32_t step)
{
    const int8x8_t v = vld1_s8(*p);
    *p += step;
    __asm__("" : "+r"(*p));
    return v;
}

#endif
