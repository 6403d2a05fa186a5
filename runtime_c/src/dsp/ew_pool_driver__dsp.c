/* SPDX-License-Identifier: Apache-2.0 */
/* ew_pool_driver__dsp.c: the part of each pooling window that lies inside the input. */
#include "ew_pool_driver__dsp.h"
#include "c/ew_window.h"

void ew_pool_driver__dsp(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, ew_pool_position__dsp_fn *position)
{
    ew_pool_seen__dsp_t seen;
    seen.row_step = (uint32_t)(p->dilation_h * p->in_w * p->channels);
    seen.col_step = (uint32_t)(p->dilation_w * p->channels);
    for (int32_t r = 0; r < p->out_h; r++) {
        const ew_span_t rows = ew_span_inside(r * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
        const int32_t row = rows.origin + rows.first * p->dilation_h;
        for (int32_t q = 0; q < p->out_w; q++, y += p->channels) {
            const ew_span_t cols = ew_span_inside(q * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
            const int32_t col = cols.origin + cols.first * p->dilation_w;
            seen.rows = (uint32_t)(rows.last - rows.first);
            seen.cols = (uint32_t)(cols.last - cols.first);
            position(p, &seen, x + (row * p->in_w + col) * p->channels, y);
        }
    }
}
