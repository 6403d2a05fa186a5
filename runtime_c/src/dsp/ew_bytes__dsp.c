/* SPDX-License-Identifier: Apache-2.0 */
/* ew_bytes__dsp.c: copies and fills of bytes, four at a time. */
#include "ew_simd__dsp.h"

int8_t *ew_copy__dsp(int8_t *to, const int8_t *from, int32_t bytes)
{
    for (; bytes >= 4; bytes -= 4, from += 4, to += 4) {
        ew_store_s8x4(to, ew_load_s8x4(from));
    }
    if (bytes & 2) {
        *to++ = *from++;
        *to++ = *from++;
    }
    if (bytes & 1) {
        *to++ = *from;
    }
    return to;
}

int8_t *ew_fill__dsp(int8_t *to, uint32_t zeros, int32_t bytes)
{
    for (; bytes >= 4; bytes -= 4, to += 4) {
        ew_store_s8x4(to, zeros);
    }
    if (bytes & 2) {
        *to++ = (int8_t)zeros;
        *to++ = (int8_t)zeros;
    }
    if (bytes & 1) {
        *to++ = (int8_t)zeros;
    }
    return to;
}
