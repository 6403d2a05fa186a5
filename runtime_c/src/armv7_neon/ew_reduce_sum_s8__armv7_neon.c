/* SPDX-License-Identifier: Apache-2.0 */
/* ew_reduce_sum_s8__armv7_neon.c: sums or means over rows, eight columns in lanes. */
/* -Os does not unroll the lanes. */
#pragma GCC optimize("O3")

#include "armv7_neon/ew_kernels__armv7_neon.h"
#include "armv7_neon/ew_output__armv7_neon.h"

/* Rows that an int16 lane can add.  Bounds: 255 * 128 < 2^15. */
#define MOST_ROWS 255u

static void eight_columns(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, const ew_output__armv7_neon_t *out)
{
    const int32x4_t first = vdupq_n_s32(-(int32_t)p->n * p->x_zero), mult = vdupq_n_s32(p->mult / 2);
    const uint32_t pitch = p->inner;
    int32x4_t sum[2] = {first, first};
    for (uint32_t left = p->n, rows; left; left -= rows) {
        int16x8_t part = vdupq_n_s16(0);
        rows = left < MOST_ROWS ? left : MOST_ROWS;
        for (uint32_t r = 0; r < rows; r++, x += pitch) {
            part = vaddw_s8(part, vld1_s8(x));
        }
        sum[0] = vaddw_s16(sum[0], vget_low_s16(part));
        sum[1] = vaddw_s16(sum[1], vget_high_s16(part));
    }
    ew_shift__armv7_neon(sum, 2, out);
    vst1_s8(y, ew_requantized__armv7_neon(sum[0], sum[1], mult, mult, out));
}

/* inner >= 8: eight columns at a time; the last block is moved back. */
void ew_reduce_sum_s8__armv7_neon(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output__armv7_neon_t out = ew_output__armv7_neon(p->shift, p->y_zero, p->act_min, p->act_max);
    const uint32_t inner = p->inner;
    (void)scratch;
    for (uint32_t o = 0; o < p->outer; o++, x += p->n * inner, y += inner) {
        for (uint32_t c = 0; c < inner; c += 8) {
            const uint32_t at = c + 8 <= inner ? c : inner - 8;
            eight_columns(p, x + at, y + at, &out);
        }
    }
}
