#include "ew_fixed_point.h"
#include "ew_kernels.h"
#include "ew_window.h"

/* best[k] = the largest value of the first `count` (1 or 4) channels over the part of the window inside the input. */
static inline void window_max(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols, int count,
                              int32_t best[4])
{
    const int32_t step = p->dilation_w * p->channels;
    for (int32_t i = rows.first; i < rows.last; i++) {
        const int32_t row = rows.origin + i * p->dilation_h;
        const int8_t *seen = x + (row * p->in_w + cols.origin + cols.first * p->dilation_w) * p->channels;
        for (int32_t j = cols.first; j < cols.last; j++, seen += step) {
            for (int k = 0; k < count; k++) {
                best[k] = seen[k] > best[k] ? seen[k] : best[k];
            }
        }
    }
}

/* All channels of one position. */
static void one_position(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols, int8_t *y)
{
    const int32_t act_min = p->act_min, act_max = p->act_max;
    const int32_t channels = p->channels;
    int32_t c = 0;
    for (; c + 4 <= channels; c += 4) {
        int32_t best[4] = {-128, -128, -128, -128};
        window_max(p, x + c, rows, cols, 4, best);
        for (int32_t k = 0; k < 4; k++) {
            y[c + k] = (int8_t)ew_clamp_s32(best[k], act_min, act_max);
        }
    }
    for (; c < channels; c++) {
        int32_t best[4] = {-128};
        window_max(p, x + c, rows, cols, 1, best);
        y[c] = (int8_t)ew_clamp_s32(best[0], act_min, act_max);
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
