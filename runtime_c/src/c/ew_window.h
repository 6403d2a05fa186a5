/* SPDX-License-Identifier: Apache-2.0 */
/* ew_window.h: which taps of a sliding window fall inside the input. */
#ifndef EW_WINDOW_H
#define EW_WINDOW_H

#include "ew_kernels.h"

/* The part of one window dimension that lies inside the input: taps [first, last). */
typedef struct {
    int32_t origin; /* input position of tap 0 */
    int32_t first, last;
} ew_span_t;

static inline ew_span_t ew_span_inside(int32_t origin, int32_t dilation, int32_t kernel, int32_t size)
{
    ew_span_t s = {origin, 0, kernel};
    while (s.first < kernel && origin + s.first * dilation < 0) {
        s.first++;
    }
    while (s.last > s.first && origin + (s.last - 1) * dilation >= size) {
        s.last--;
    }
    return s;
}

/* Where, in elements from x, the first tap inside the input of window row i lies. */
static inline int32_t ew_window_offset(const ew_pool_s8_t *p, ew_span_t rows, ew_span_t cols, int32_t i)
{
    const int32_t row = rows.origin + i * p->dilation_h;
    const int32_t col = cols.origin + cols.first * p->dilation_w;
    return (row * p->in_w + col) * p->channels;
}

#endif
