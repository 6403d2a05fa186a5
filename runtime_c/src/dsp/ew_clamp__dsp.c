/* SPDX-License-Identifier: Apache-2.0 */
/* ew_clamp__dsp.c: the activation range of outputs that are saturated already. */
#include "ew_simd__dsp.h"

void ew_clamp__dsp(int8_t *y, uint32_t n, int32_t act_min, int32_t act_max)
{
    const uint32_t low = ew_four_bytes(act_min), high = ew_four_bytes(act_max);
    if (act_min == -128 && act_max == 127) {
        return;
    }
    for (; n >= 4; n -= 4, y += 4) {
        ew_store_s8x4(y, ew_min_s8x4(ew_max_s8x4(ew_load_s8x4(y), low), high));
    }
    for (; n; n--, y++) {
        *y = (int8_t)ew_min_s8x4(ew_max_s8x4((uint8_t)*y, low), high);
    }
}
