/* SPDX-License-Identifier: Apache-2.0 */
/* ew_avg_pool_s8.c: average pooling, four channels at a time. */
#include "ew_kernels.h"
#include "ew_output.h"
#include "ew_window.h"

/* sums[k] += four channels over the part of the window that lies inside the input.
 * Bounds: k_h * k_w < 2^23 keeps 255 * k_h * k_w inside int32. */
static void four_sums(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols, int32_t sums[4])
{
    const int32_t step = p->dilation_w * p->channels;
    int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    for (int32_t i = rows.first; i < rows.last; i++) {
        const int8_t *seen = x + ew_window_offset(p, rows, cols, i);
        for (int32_t j = cols.first; j < cols.last; j++, seen += step) {
            a += seen[0];
            b += seen[1];
            c += seen[2];
            d += seen[3];
        }
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

/* The same of one channel. */
static int32_t one_sum(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols)
{
    const int32_t step = p->dilation_w * p->channels;
    int32_t sum = 0;
    for (int32_t i = rows.first; i < rows.last; i++) {
        const int8_t *seen = x + ew_window_offset(p, rows, cols, i);
        for (int32_t j = cols.first; j < cols.last; j++, seen += step) {
            sum += *seen;
        }
    }
    return sum;
}

/* All channels of one position. */
static void one_position(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols, int8_t *y)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const int32_t valid = (rows.last - rows.first) * (cols.last - cols.first);
    const int32_t mult = p->mult[p->mult_is_uniform ? 0 : valid - p->count_min];
    const int32_t start = -valid * p->x_zero;
    const int32_t channels = p->channels;
    int32_t c = 0;
    for (; c + 4 <= channels; c += 4) {
        int32_t sums[4] = {start, start, start, start};
        four_sums(p, x + c, rows, cols, sums);
        for (int32_t k = 0; k < 4; k++) {
            y[c + k] = ew_output_s8(to, sums[k], mult);
        }
    }
    for (; c < channels; c++) {
        y[c] = ew_output_s8(to, start + one_sum(p, x + c, rows, cols), mult);
    }
}

void ew_avg_pool_s8(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
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
