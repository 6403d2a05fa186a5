/* SPDX-License-Identifier: Apache-2.0 */
/* ew_taps.h: pointers to what the taps of a depthwise window see. */
#ifndef EW_TAPS_H
#define EW_TAPS_H

#include "ew_kernels.h"

/* Whether `count` taps from `first` on, `step` apart, all lie in [0, size). */
static inline int ew_taps_inside(int32_t first, int32_t count, int32_t step, int32_t size)
{
    return first >= 0 && first + (count - 1) * step < size;
}

/* Point every `pitch`-th of taps [k_h * k_w] at channel 0 of what it sees at output (row, col), or at `outside`. */
static inline void ew_taps_find(const ew_conv_s8_t *p, const int8_t *x, const int8_t *outside, int32_t row, int32_t col,
                                const int8_t **taps, uint32_t pitch)
{
    const int32_t in_h = p->in_h, in_w = p->in_w, in_c = p->in_c;
    const int32_t first_col = col * p->stride_w - p->pad_left;
    int32_t at_row = row * p->stride_h - p->pad_top;
    for (int32_t i = 0; i < p->k_h; i++, at_row += p->dilation_h) {
        const int row_inside = at_row >= 0 && at_row < in_h;
        int32_t at_col = first_col;
        for (int32_t j = 0; j < p->k_w; j++, at_col += p->dilation_w, taps += pitch) {
            const int inside = row_inside && at_col >= 0 && at_col < in_w;
            *taps = inside ? x + (at_row * in_w + at_col) * in_c : outside;
        }
    }
}

/* The taps of output (row, col), which follow those of (row, col - 1) unless col is 0. Between two windows that lie
 * inside the input every pointer moves by the same distance.
 * was_inside: what this returned for (row, col - 1), 0 for the first column. */
static inline int ew_taps_next(const ew_conv_s8_t *p, const int8_t *x, const int8_t *outside, int32_t row, int32_t col,
                               const int8_t **taps, uint32_t pitch, int was_inside)
{
    const int inside = ew_taps_inside(row * p->stride_h - p->pad_top, p->k_h, p->dilation_h, p->in_h) &&
                       ew_taps_inside(col * p->stride_w - p->pad_left, p->k_w, p->dilation_w, p->in_w);
    if (inside && was_inside) {
        const int32_t step = p->stride_w * p->in_c;
        for (const int8_t **const end = taps + (uint32_t)p->k_h * p->k_w * pitch; taps != end; taps += pitch) {
            *taps += step;
        }
    } else {
        ew_taps_find(p, x, outside, row, col, taps, pitch);
    }
    return inside;
}

#endif
