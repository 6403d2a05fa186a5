/* SPDX-License-Identifier: Apache-2.0 */
/* ew_quantize.h: between real values and int8, at the edge of a model. The only header with floats;
 * nothing here is compiled into a program that does not call it. */
#ifndef EW_QUANTIZE_H
#define EW_QUANTIZE_H

#include <stdint.h>

#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#endif

/* The int8 nearest to x / scale + zero, halves to even, saturated; scale > 0. */
static inline int8_t ew_quantize(float x, float scale, int32_t zero)
{
    const float steps = x / scale;
    int32_t whole;
    float rest;
    if (!(steps > -512.0f)) {
        return steps < 0.0f ? -128 : (int8_t)(zero < -128 ? -128 : zero); /* far below, or not a number */
    }
    if (steps > 512.0f) {
        return 127;
    }
    whole = (int32_t)steps - (steps < 0.0f); /* at most one below the floor */
    rest = steps - (float)whole;
    if (rest >= 1.0f) {
        whole += 1;
        rest -= 1.0f;
    }
    if (rest > 0.5f || (rest == 0.5f && (whole & 1))) {
        whole += 1;
    }
    whole += zero;
    return (int8_t)(whole < -128 ? -128 : (whole > 127 ? 127 : whole));
}

/* The real value of q. */
static inline float ew_dequantize(int8_t q, float scale, int32_t zero)
{
    return (float)(q - zero) * scale;
}

#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#endif
