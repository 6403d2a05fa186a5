/* SPDX-License-Identifier: Apache-2.0 */
/* ew_max_pool_s8.c: maximum pooling, four channels at a time. */
#include "ew_fixed_point.h"
#include "ew_kernels.h"
#include "ew_window.h"

static inline int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* best[k] = the largest value of four channels over the part of the window that lies inside the input. */
static void four_largest(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols, int32_t best[4])
{
    const int32_t step = p->dilation_w * p->channels;
    int32_t a = -128, b = -128, c = -128, d = -128;
    for (int32_t i = rows.first; i < rows.last; i++) {
        const int8_t *seen = x + ew_window_offset(p, rows, cols, i);
        for (int32_t j = cols.first; j < cols.last; j++, seen += step) {
            a = larger(a, seen[0]);
            b = larger(b, seen[1]);
            c = larger(c, seen[2]);
            d = larger(d, seen[3]);
        }
    }
    best[0] = a;
    best[1] = b;
    best[2] = c;
    best[3] = d;
}

/* The same of one channel. */
static int32_t one_largest(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols)
{
    const int32_t step = p->dilation_w * p->channels;
    int32_t best = -128;
    for (int32_t i = rows.first; i < rows.last; i++) {
        const int8_t *seen = x + ew_window_offset(p, rows, cols, i);
        for (int32_t j = cols.first; j < cols.last; j++, seen += step) {
            best = larger(best, *seen);
        }
    }
    return best;
}

/* All channels of one position. */
static void one_position(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols, int8_t *y)
{
    const int32_t act_min = p->act_min, act_max = p->act_max;
    const int32_t channels = p->channels;
    int32_t c = 0;
    for (; c + 4 <= channels; c += 4) {
        int32_t best[4];
        four_largest(p, x + c, rows, cols, best);
        for (int32_t k = 0; k < 4; k++) {
            y[c + k] = (int8_t)ew_clamp_s32(best[k], act_min, act_max);
        }
    }
    for (; c < channels; c++) {
        y[c] = (int8_t)ew_clamp_s32(one_largest(p, x + c, rows, cols), act_min, act_max);
    }
}

void ew_max_pool_s8(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        const ew_span_t rows = ew_span_inside(r * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
        for (int32_t q = 0; q < p->out_w; q++, y += p->channels) {
            const ew_span_t cols = ew_span_inside(q * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
            one_position(p, x, rows, cols, y);
        }
    }
}
