/* SPDX-License-Identifier: Apache-2.0 */
/* ew_reduce_sum_s8__neon.c: sums or means over rows of 8 columns or more. */
/* -Os does not unroll the lanes. */
#pragma GCC optimize("O3")

#include "neon/ew_kernels__neon.h"
#include "neon/ew_output__neon.h"

/* Rows that an int16 lane can add.  Bounds: 255 * 128 < 2^15. */
#define MOST_ROWS 255u

/* 16 or 8 columns as int32. */
typedef struct {
    int32x4_t quad[4];
} sums_t;

EW_INLINE void add_rows(int lanes, sums_t *sums, const int8_t *x, uint32_t pitch, uint32_t rows)
{
    int16x8_t low = vdupq_n_s16(0), high = low;
    for (; rows; rows--, x += pitch) {
        const int8x16_t v = lanes == 16 ? vld1q_s8(x) : vcombine_s8(vld1_s8(x), vdup_n_s8(0));
        low = vaddw_s8(low, vget_low_s8(v));
        high = vaddw_high_s8(high, v);
    }
    sums->quad[0] = vaddw_s16(sums->quad[0], vget_low_s16(low));
    sums->quad[1] = vaddw_high_s16(sums->quad[1], low);
    sums->quad[2] = vaddw_s16(sums->quad[2], vget_low_s16(high));
    sums->quad[3] = vaddw_high_s16(sums->quad[3], high);
}

EW_INLINE void columns(int lanes, const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, const ew_output__neon_t *out)
{
    const int32x4_t first = vdupq_n_s32(-(int32_t)p->n * p->x_zero), mult = vdupq_n_s32(p->mult / 2);
    sums_t sums = {{first, first, first, first}};
    for (uint32_t left = p->n, rows; left; left -= rows, x += rows * p->inner) {
        rows = left < MOST_ROWS ? left : MOST_ROWS;
        add_rows(lanes, &sums, x, p->inner, rows);
    }
    ew_shift__neon(sums.quad, lanes / 4, out);
    const int16x8_t low = ew_centred__neon(sums.quad[0], sums.quad[1], mult, mult, out);
    if (lanes == 16) {
        const int16x8_t high = ew_centred__neon(sums.quad[2], sums.quad[3], mult, mult, out);
        vst1q_s8(y, ew_narrowed__neon(low, high, out));
    } else {
        vst1_s8(y, ew_narrowed_half__neon(low, out));
    }
}

/* inner >= 8: 16 columns at a time, then 8 when 8 or fewer are left; the last block is moved back. */
void ew_reduce_sum_s8__neon(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output__neon_t out = ew_output__neon(p->shift, p->y_zero, p->act_min, p->act_max);
    const uint32_t inner = p->inner;
    (void)scratch;
    for (uint32_t o = 0; o < p->outer; o++, x += p->n * inner, y += inner) {
        uint32_t c = 0;
        for (; inner >= 16 && c + 8 < inner; c += 16) {
            const uint32_t at = c + 16 <= inner ? c : inner - 16;
            columns(16, p, x + at, y + at, &out);
        }
        for (; c < inner; c += 8) {
            const uint32_t at = c + 8 <= inner ? c : inner - 8;
            columns(8, p, x + at, y + at, &out);
        }
    }
}
