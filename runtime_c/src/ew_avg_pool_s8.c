#include "ew_kernels.h"
#include "ew_output.h"
#include "ew_window.h"

/* acc[k] += the first `count` (1 or 4) channels over the part of the window that lies inside the input.
 * Bounds: k_h * k_w < 2^23 keeps 255 * k_h * k_w inside int32. */
static inline void window_sum(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols, int count,
                              int32_t acc[4])
{
    const int32_t step = p->dilation_w * p->channels;
    for (int32_t i = rows.first; i < rows.last; i++) {
        const int32_t row = rows.origin + i * p->dilation_h;
        const int8_t *seen = x + (row * p->in_w + cols.origin + cols.first * p->dilation_w) * p->channels;
        for (int32_t j = cols.first; j < cols.last; j++, seen += step) {
            for (int k = 0; k < count; k++) {
                acc[k] += seen[k];
            }
        }
    }
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
        int32_t acc[4] = {start, start, start, start};
        window_sum(p, x + c, rows, cols, 4, acc);
        for (int32_t k = 0; k < 4; k++) {
            y[c + k] = ew_output_s8(to, acc[k], mult);
        }
    }
    for (; c < channels; c++) {
        int32_t acc[4] = {start};
        window_sum(p, x + c, rows, cols, 1, acc);
        y[c] = ew_output_s8(to, acc[0], mult);
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
