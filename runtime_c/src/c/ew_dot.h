/* SPDX-License-Identifier: Apache-2.0 */
/* ew_dot.h: the inner loops of convolutions and fully connected layers. */
#ifndef EW_DOT_H
#define EW_DOT_H

#include <stdint.h>

/* acc = {x0 . w0, x1 . w0, x0 . w1, x1 . w1} + acc, vectors of n values, n >= 1: four products for four loads.
 * Bounds: the compiler proves |bias| + 128 * sum |w| < 2^31 for every output channel. */
static inline void ew_dot_2x2(const int8_t *x0, const int8_t *x1, const int8_t *w0, const int8_t *w1, uint32_t n,
                              int32_t acc[4])
{
    const int8_t *const end = x0 + n;
    int32_t a = acc[0], b = acc[1], c = acc[2], d = acc[3];
    do {
        const int32_t u = *x0++, v = *x1++;
        const int32_t s = *w0++, t = *w1++;
        a += u * s;
        b += v * s;
        c += u * t;
        d += v * t;
    } while (x0 != end);
    acc[0] = a;
    acc[1] = b;
    acc[2] = c;
    acc[3] = d;
}

/* acc[j] += x . w[j], the four weight rows `pitch` values apart, n >= 1: four products for five loads. */
static inline void ew_dot_1x4(const int8_t *x, const int8_t *w, uint32_t pitch, uint32_t n, int32_t acc[4])
{
    const int8_t *const end = x + n;
    const int8_t *w1 = w + pitch, *w2 = w1 + pitch, *w3 = w2 + pitch;
    int32_t a = acc[0], b = acc[1], c = acc[2], d = acc[3];
    do {
        const int32_t u = *x++;
        a += u * *w++;
        b += u * *w1++;
        c += u * *w2++;
        d += u * *w3++;
    } while (x != end);
    acc[0] = a;
    acc[1] = b;
    acc[2] = c;
    acc[3] = d;
}

/* x . w, vectors of n values, n >= 1. */
static inline int32_t ew_dot_1x1(const int8_t *x, const int8_t *w, uint32_t n)
{
    const int8_t *const end = x + n;
    int32_t acc = 0;
    do {
        acc += *x++ * *w++;
    } while (x != end);
    return acc;
}

#endif
