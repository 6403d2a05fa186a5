#include "mve/ew_window_s8.h"

#include "mve/ew_copy_s8.h"

/* The indices i < count of start, start + step, ... that lie in [0, size): [first, last). */
typedef struct {
    int32_t first, last;
} range_t;

static range_t inside(int32_t start, int32_t step, int32_t count, int32_t size)
{
    range_t r = {0, count};
    while (r.first < count && start + r.first * step < 0) {
        r.first++;
    }
    while (r.last > r.first && start + (r.last - 1) * step >= size) {
        r.last--;
    }
    return r;
}

void ew_window_rows_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int32_t row, int32_t row_step, uint32_t rows,
                            int32_t col, int8_t *to)
{
    const uint32_t run = (uint32_t)p->k_w * p->in_c;
    const range_t seen_rows = inside(row, row_step, (int32_t)rows, p->in_h);
    const range_t seen_taps = inside(col, p->dilation_w, p->k_w, p->in_w);
    const uint32_t taps = (uint32_t)(seen_taps.last - seen_taps.first);
    int8_t *seen = to + (uint32_t)seen_rows.first * run;
    if (taps < p->k_w) {
        ew_fill_s8__mve(to, p->x_zero, rows * run);
    } else {
        int8_t *below = to + (uint32_t)seen_rows.last * run;
        ew_fill_s8__mve(to, p->x_zero, (uint32_t)seen_rows.first * run);
        ew_fill_s8__mve(below, p->x_zero, (rows - (uint32_t)seen_rows.last) * run);
    }
    if (taps == 0 || seen_rows.first == seen_rows.last) {
        return;
    }
    const int32_t first_row = row + seen_rows.first * row_step;
    const int32_t first_col = col + seen_taps.first * p->dilation_w;
    ew_copy_blocks_s8_t copy = {.to = seen + (uint32_t)seen_taps.first * p->in_c,
                                .from = x + (first_row * p->in_w + first_col) * p->in_c,
                                .to_step = run,
                                .from_step = (uint32_t)row_step * p->in_w * p->in_c,
                                .bytes = p->in_c,
                                .blocks = (uint32_t)(seen_rows.last - seen_rows.first)};
    if (p->dilation_w == 1) {
        copy.bytes = taps * p->in_c;
        ew_copy_blocks_s8__mve(&copy);
        return;
    }
    for (uint32_t j = 0; j < taps; j++) {
        ew_copy_blocks_s8__mve(&copy);
        copy.to += p->in_c;
        copy.from += (uint32_t)p->dilation_w * p->in_c;
    }
}
