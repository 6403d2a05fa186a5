#include "ew_fixed_point.h"
#include "ew_kernels.h"
#include "ew_window.h"

/* y[c] = max(y[c], x[c]). */
static void keep_largest(int8_t *y, const int8_t *x, int32_t channels)
{
    for (int32_t c = 0; c < channels; c++) {
        y[c] = y[c] > x[c] ? y[c] : x[c];
    }
}

void ew_max_pool_s8(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        const ew_span_t rows = ew_span_inside(r * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
        for (int32_t q = 0; q < p->out_w; q++, y += p->channels) {
            const ew_span_t cols = ew_span_inside(q * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
            for (int32_t c = 0; c < p->channels; c++) {
                y[c] = -128;
            }
            for (int32_t i = rows.first; i < rows.last; i++) {
                const int8_t *seen = x + (rows.origin + i * p->dilation_h) * p->in_w * p->channels;
                for (int32_t j = cols.first; j < cols.last; j++) {
                    keep_largest(y, seen + (cols.origin + j * p->dilation_w) * p->channels, p->channels);
                }
            }
            for (int32_t c = 0; c < p->channels; c++) {
                y[c] = (int8_t)ew_clamp_s32(y[c], p->act_min, p->act_max);
            }
        }
    }
}
