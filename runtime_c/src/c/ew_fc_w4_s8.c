/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_w4_s8.c: fully connected layers with 4-bit weights, two to a byte, four outputs at a time. */
#include "c/ew_output.h"
#include "ew_kernels.h"

/* 16 times the low weight of a byte. */
static inline int32_t low16(int32_t byte)
{
    return (int8_t)(uint8_t)((uint32_t)byte << 4);
}

/* x . w of four outputs, n >= 1, from two rows of bytes that begin at w and w1. Bounds: at ew_fc_w4_s8. */
static inline void dot_1x4(const int8_t *x, const int8_t *w, const int8_t *w1, uint32_t n, int32_t sums[4])
{
    const int8_t *const end = x + n;
    int32_t a = 0, b = 0, c = 0, d = 0;
    do {
        const int32_t u = *x++, v = *w++, v1 = *w1++;
        a += low16(v) * u;
        b += v * u;
        c += low16(v1) * u;
        d += v1 * u;
    } while (x != end);
    sums[0] = a >> 4;
    sums[1] = (b - sums[0]) >> 4;
    sums[2] = c >> 4;
    sums[3] = (d - sums[2]) >> 4;
}

/* w [ceil(out_features / 2)][in_features] bytes lo + 16 hi. A byte shifted left by 4 is 16 lo as int8, so with s the
 * sums of its outputs: sum (byte << 4) * x = 16 s(2 i), and sum byte * x = s(2 i) + 16 s(2 i + 1). Bounds: 128 * 119 *
 * in_features < 2^31, which the compiler checks; the right shifts are exact. */
void ew_fc_w4_s8(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const uint32_t n = p->in_features, outputs = p->out_features;
    (void)scratch;
    for (uint32_t r = 0; r < p->rows; r++, x += n, y += outputs) {
        const int8_t *w = (const int8_t *)p->w;
        for (uint32_t o = 0; o < outputs; o += 4, w += 2 * n) {
            const uint32_t left = outputs - o;
            int32_t sums[4];
            dot_1x4(x, w, left > 2 ? w + n : w, n, sums);
            for (uint32_t k = 0; k < (left < 4 ? left : 4); k++) {
                y[o + k] = ew_output_s8(to, sums[k] + p->bias[o + k], p->mult[o + k]);
            }
        }
    }
}
