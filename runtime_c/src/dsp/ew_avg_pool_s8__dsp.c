/* SPDX-License-Identifier: Apache-2.0 */
/* ew_avg_pool_s8__dsp.c: average pooling of 4 channels or more, four at a time. No scratch. */
#include "c/ew_output.h"
#include "dsp/ew_kernels__dsp.h"
#include "ew_pool_driver__dsp.h"

/* Adds the positions of one row, n <= FULL, to two pairs of int16 sums: channels 0 and 2, 1 and 3.
 * Bounds: FULL * 128 <= 2^15 keeps the sums inside int16. */
#define FULL 255u

typedef struct {
    uint32_t even, odd;
} sums_t;

static inline sums_t add_positions(sums_t s, const int8_t *x, uint32_t step, uint32_t n)
{
    for (; n >= 4; n -= 4) {
        const uint32_t a = ew_load_s8x4(x), b = ew_load_s8x4(x + step), c = ew_load_s8x4(x + 2 * step);
        x += 3 * step;
        const uint32_t d = ew_load_s8x4(x);
        x += step;
        s.even = ew_sxtab16(ew_sxtab16(ew_sxtab16(ew_sxtab16(s.even, a), b), c), d);
        s.odd = ew_sxtab16_odd(ew_sxtab16_odd(ew_sxtab16_odd(ew_sxtab16_odd(s.odd, a), b), c), d);
    }
    for (; n; n--, x += step) {
        const uint32_t a = ew_load_s8x4(x);
        s.even = ew_sxtab16(s.even, a);
        s.odd = ew_sxtab16_odd(s.odd, a);
    }
    return s;
}

static void add_sums(int32_t total[4], sums_t s)
{
    total[0] += (int16_t)s.even;
    total[1] += (int16_t)s.odd;
    total[2] += (int32_t)s.even >> 16;
    total[3] += (int32_t)s.odd >> 16;
}

/* Four channels of a window of more than FULL positions. */
static void add_large(int32_t total[4], const int8_t *x, uint32_t rows, uint32_t cols, uint32_t row_step, uint32_t step)
{
    for (; rows; rows--, x += row_step - cols * step) {
        for (uint32_t left = cols; left;) {
            const uint32_t n = left < FULL ? left : FULL;
            const sums_t none = {0, 0};
            add_sums(total, add_positions(none, x, step, n));
            x += n * step;
            left -= n;
        }
    }
}

static void average_of_window(const ew_pool_s8_t *p, const ew_pool_seen__dsp_t *seen, const int8_t *x, int8_t *y)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const uint32_t valid = seen->rows * seen->cols, step = seen->col_step;
    const int together = seen->row_step == seen->cols * step; /* rows follow each other like columns */
    const uint32_t rows = together ? 1 : seen->rows, cols = together ? valid : seen->cols;
    const int32_t mult = p->mult[p->mult_is_uniform ? 0 : valid - p->count_min];
    const int32_t zeros = (int32_t)valid * p->x_zero;
    for (int32_t c = 0; c < p->channels; c += 4) {
        const int32_t at = c + 4 <= p->channels ? c : p->channels - 4;
        int32_t total[4] = {-zeros, -zeros, -zeros, -zeros};
        if (valid <= FULL) {
            const int8_t *row = x + at;
            sums_t s = {0, 0};
            for (uint32_t i = rows; i; i--, row += seen->row_step) {
                s = add_positions(s, row, step, cols);
            }
            add_sums(total, s);
        } else {
            add_large(total, x + at, rows, cols, seen->row_step, step);
        }
        for (uint32_t i = 0; i < 4; i++) { /* not unrolled: requantization with a shift is long */
            y[at + (int32_t)i] = ew_output_s8(to, total[i], mult);
        }
    }
}

void ew_avg_pool_s8__dsp(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    (void)scratch;
    ew_pool_driver__dsp(p, x, y, average_of_window);
}
