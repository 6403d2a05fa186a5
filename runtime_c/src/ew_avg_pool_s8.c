#include "ew_kernels.h"
#include "ew_output.h"
#include "ew_window.h"

/* Sum of one channel over the part of the window that lies inside the input.
 * Bounds: k_h * k_w < 2^24 keeps 128 * k_h * k_w inside int32. */
static int32_t window_sum(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols)
{
    const int32_t step = p->dilation_w * p->channels;
    int32_t sum = 0;
    for (int32_t i = rows.first; i < rows.last; i++) {
        const int32_t row = rows.origin + i * p->dilation_h;
        const int8_t *seen = x + (row * p->in_w + cols.origin + cols.first * p->dilation_w) * p->channels;
        for (int32_t j = cols.first; j < cols.last; j++, seen += step) {
            sum += *seen;
        }
    }
    return sum;
}

void ew_avg_pool_s8(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        const ew_span_t rows = ew_span_inside(r * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
        for (int32_t q = 0; q < p->out_w; q++) {
            const ew_span_t cols = ew_span_inside(q * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
            const int32_t valid = (rows.last - rows.first) * (cols.last - cols.first);
            const int32_t mult = p->mult[p->mult_is_uniform ? 0 : valid - p->count_min];
            for (int32_t c = 0; c < p->channels; c++) {
                const int32_t acc = window_sum(p, x + c, rows, cols) - valid * p->x_zero;
                *y++ = ew_output_s8(to, acc, mult);
            }
        }
    }
}
