/* SPDX-License-Identifier: Apache-2.0 */
/* ew_widen_w4__dsp.c: nibbles to halfwords. */
#include "c/ew_widen_w4.h"
#include "ew_simd__dsp.h"

/* Nibble number `at` of both halfwords. */
static inline uint32_t nibbles(uint32_t word, uint32_t at, uint32_t scale, uint32_t eight)
{
    return ew_ssub16((word >> 4 * at & 0x000F000Fu) << scale, eight);
}

void ew_widen_w4__dsp(const uint32_t *from, uint32_t scale, uint32_t *to)
{
    const uint32_t eight = 0x00080008u << scale;
    while (from[2]) {
        const uint32_t raw = from[0], spans = from[1];
        uint32_t times = from[2];
        for (from += 3; times; times--) {
            for (uint32_t left = raw; left; left--) {
                *to++ = *from++;
            }
            for (uint32_t left = spans; left; left--, to += 4) {
                const uint32_t word = *from++ ^ 0x88888888u; /* each nibble + 8 */
                to[0] = nibbles(word, 0, scale, eight);
                to[1] = nibbles(word, 1, scale, eight);
                to[2] = nibbles(word, 2, scale, eight);
                to[3] = nibbles(word, 3, scale, eight);
            }
        }
    }
}
