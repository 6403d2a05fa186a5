/* SPDX-License-Identifier: Apache-2.0 */
/* ew_avg_pool_s8__neon.c: average pooling of 8 channels or more. */
/* -Os does not unroll the lanes. */
#pragma GCC optimize("O3")

#include "c/ew_window.h"
#include "neon/ew_kernels__neon.h"
#include "neon/ew_output__neon.h"

/* The part of the window that lies inside the input, and how its sum becomes a mean. */
typedef struct {
    const int8_t *x;
    int32_t rows, cols;
    int32_t row_step, col_step;
    int32x4_t first, mult;
} window_t;

/* Bounds: the descriptor admits 255 positions, and 255 * 128 < 2^15. */
EW_INLINE void mean(int lanes, const window_t *w, int32_t c, int8_t *y, const ew_output__neon_t *out)
{
    int16x8_t low = vdupq_n_s16(0), high = low;
    const int8_t *row = w->x + c;
    for (int32_t i = w->rows; i; i--, row += w->row_step) {
        const int8_t *at = row;
        for (int32_t j = w->cols; j; j--, at += w->col_step) {
            const int8x16_t v = lanes == 16 ? vld1q_s8(at) : vcombine_s8(vld1_s8(at), vdup_n_s8(0));
            low = vaddw_s8(low, vget_low_s8(v));
            high = vaddw_high_s8(high, v);
        }
    }
    int32x4_t sum[4] = {vaddw_s16(w->first, vget_low_s16(low)), vaddw_high_s16(w->first, low),
                        vaddw_s16(w->first, vget_low_s16(high)), vaddw_high_s16(w->first, high)};
    ew_shift__neon(sum, lanes / 4, out);
    low = ew_centred__neon(sum[0], sum[1], w->mult, w->mult, out);
    if (lanes == 16) {
        vst1q_s8(y + c, ew_narrowed__neon(low, ew_centred__neon(sum[2], sum[3], w->mult, w->mult, out), out));
    } else {
        vst1_s8(y + c, ew_narrowed_half__neon(low, out));
    }
}

/* channels >= 8: 16 at a time, then 8 when 8 or fewer are left; the last block is moved back. */
void ew_avg_pool_s8__neon(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output__neon_t out = ew_output__neon(p->shift, p->y_zero, p->act_min, p->act_max);
    const int32_t channels = p->channels;
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        const ew_span_t rows = ew_span_inside(r * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
        for (int32_t q = 0; q < p->out_w; q++, y += channels) {
            const ew_span_t cols = ew_span_inside(q * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
            const int32_t row = rows.origin + rows.first * p->dilation_h,
                          col = cols.origin + cols.first * p->dilation_w;
            const int32_t valid = (rows.last - rows.first) * (cols.last - cols.first);
            const int32_t mult = p->mult[p->mult_is_uniform ? 0 : valid - p->count_min];
            const window_t w = {x + (row * p->in_w + col) * channels,
                                rows.last - rows.first,
                                cols.last - cols.first,
                                p->dilation_h * p->in_w * channels,
                                p->dilation_w * channels,
                                vdupq_n_s32(-valid * p->x_zero),
                                vdupq_n_s32(mult / 2)};
            int32_t c = 0;
            for (; channels >= 16 && c + 8 < channels; c += 16) {
                mean(16, &w, c + 16 <= channels ? c : channels - 16, y, &out);
            }
            for (; c < channels; c += 8) {
                mean(8, &w, c + 8 <= channels ? c : channels - 8, y, &out);
            }
        }
    }
}
