/* SPDX-License-Identifier: Apache-2.0 */
/* ew_max_pool_s8__neon.c: maximum pooling of 8 channels or more. */
/* -Os does not unroll the lanes. */
#pragma GCC optimize("O3")

#include <arm_neon.h>

#include "c/ew_window.h"
#include "neon/ew_kernels__neon.h"

#define INLINE static inline __attribute__((always_inline))

/* The part of the window that lies inside the input. */
typedef struct {
    const int8_t *x;
    int32_t rows, cols;
    int32_t row_step, col_step;
} window_t;

INLINE void largest(int lanes, const window_t *w, int32_t c, int8_t *y, int8x16_t min, int8x16_t max)
{
    int8x16_t v = min;
    const int8_t *row = w->x + c;
    for (int32_t i = w->rows; i; i--, row += w->row_step) {
        const int8_t *at = row;
        for (int32_t j = w->cols; j; j--, at += w->col_step) {
            v = vmaxq_s8(v, lanes == 16 ? vld1q_s8(at) : vcombine_s8(vld1_s8(at), vget_low_s8(min)));
        }
    }
    v = vminq_s8(v, max);
    if (lanes == 16) {
        vst1q_s8(y + c, v);
    } else {
        vst1_s8(y + c, vget_low_s8(v));
    }
}

/* channels >= 8: 16 at a time, then 8 when 8 or fewer are left; the last block is moved back. */
void ew_max_pool_s8__neon(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int8x16_t min = vdupq_n_s8(p->act_min), max = vdupq_n_s8(p->act_max);
    const int32_t channels = p->channels;
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        const ew_span_t rows = ew_span_inside(r * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
        for (int32_t q = 0; q < p->out_w; q++, y += channels) {
            const ew_span_t cols = ew_span_inside(q * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
            const int32_t row = rows.origin + rows.first * p->dilation_h,
                          col = cols.origin + cols.first * p->dilation_w;
            const window_t w = {x + (row * p->in_w + col) * channels, rows.last - rows.first, cols.last - cols.first,
                                p->dilation_h * p->in_w * channels, p->dilation_w * channels};
            int32_t c = 0;
            for (; channels >= 16 && c + 8 < channels; c += 16) {
                largest(16, &w, c + 16 <= channels ? c : channels - 16, y, min, max);
            }
            for (; c < channels; c += 8) {
                largest(8, &w, c + 8 <= channels ? c : channels - 8, y, min, max);
            }
        }
    }
}
