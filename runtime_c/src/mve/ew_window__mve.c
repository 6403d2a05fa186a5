/* SPDX-License-Identifier: Apache-2.0 */
/* ew_window__mve.c: the taps of windows, copied where they lie inside the input. */
#include "mve/ew_window__mve.h"

#include "mve/ew_copy__mve.h"

/* The indices i < count of start, start + step, ... that lie in [0, size): [first, last). */
typedef struct {
    int32_t first, last;
} range_t;

static range_t inside(int32_t start, int32_t step, int32_t count, int32_t size)
{
    range_t r = {0, count};
    while (r.first < count && start < 0) {
        start += step;
        r.first++;
    }
    start += (count - 1 - r.first) * step; /* the last index */
    while (r.last > r.first && start >= size) {
        start -= step;
        r.last--;
    }
    return r;
}

void ew_window_copy__mve(const ew_conv_s8_t *p, const int8_t *x, const ew_window__mve_t *window, int8_t *to)
{
    const uint32_t run = (uint32_t)p->k_w * p->in_c;
    const range_t rows = inside(window->row, window->row_step, (int32_t)window->rows, p->in_h);
    const range_t taps = inside(window->column, p->dilation_w, p->k_w, p->in_w);
    const uint32_t seen_taps = (uint32_t)(taps.last - taps.first);
    const uint32_t seen_rows = (uint32_t)(rows.last - rows.first);
    if (seen_taps < p->k_w) {
        ew_fill__mve(to, p->x_zero, window->rows * run);
    } else if (seen_rows < window->rows) {
        ew_fill__mve(to, p->x_zero, (uint32_t)rows.first * run);
        ew_fill__mve(to + (uint32_t)rows.last * run, p->x_zero, (window->rows - (uint32_t)rows.last) * run);
    }
    const int32_t row = window->row + rows.first * window->row_step;
    const int32_t column = window->column + taps.first * p->dilation_w;
    ew_copy_blocks__mve_t copy = {.to = to + (uint32_t)rows.first * run + (uint32_t)taps.first * p->in_c,
                                  .from = x + (row * p->in_w + column) * p->in_c,
                                  .to_step = run,
                                  .from_step = (uint32_t)window->row_step * p->in_w * p->in_c,
                                  .bytes = p->in_c,
                                  .blocks = seen_rows};
    if (p->dilation_w == 1) {
        copy.bytes = seen_taps * p->in_c;
        ew_copy_blocks__mve(&copy);
        return;
    }
    for (uint32_t j = 0; j < seen_taps; j++) {
        ew_copy_blocks__mve(&copy);
        copy.to += p->in_c;
        copy.from += (uint32_t)p->dilation_w * p->in_c;
    }
}
