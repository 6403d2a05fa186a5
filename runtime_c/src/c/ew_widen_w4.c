/* SPDX-License-Identifier: Apache-2.0 */
/* ew_widen_w4.c: nibbles to bytes, eight at a time in a word. */
#include "c/ew_widen_w4.h"

#define BYTES 0x01010101u

void ew_widen_w4(const uint32_t *from, uint32_t scale, uint32_t *to)
{
    const uint32_t sign = (8u << scale) * BYTES;
    const uint32_t above = 0xFFu & ~((16u << scale) - 1u); /* the bits of a byte that repeat the sign */
    while (from[2]) {
        const uint32_t raw = from[0], spans = from[1];
        uint32_t times = from[2];
        for (from += 3; times; times--) {
            for (uint32_t left = raw; left; left--) {
                *to++ = *from++;
            }
            for (uint32_t left = spans; left; left--, to += 2) {
                const uint32_t word = *from++;
                const uint32_t low = (word & 15u * BYTES) << scale, high = (word >> 4 & 15u * BYTES) << scale;
                to[0] = low | ((low & sign) >> (scale + 3)) * above;
                to[1] = high | ((high & sign) >> (scale + 3)) * above;
            }
        }
    }
}
