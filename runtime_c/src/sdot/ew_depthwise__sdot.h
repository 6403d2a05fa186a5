/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise__sdot.h: 3x3 depthwise convolutions on four input rows that are interleaved in scratch.
 *
 * Four bytes of a channel, one from each row, are what one SDOT multiplies. The rows are as wide as the windows reach;
 * what lies outside the input is x_zero. The twin in Python is kernels/sdot/depthwise.py.
 */
#ifndef EW_DEPTHWISE__SDOT_H
#define EW_DEPTHWISE__SDOT_H

#include <string.h>

#include "c/ew_layout.h"
#include "ew_kernels.h"

/* One or two output rows.
 * x: [columns][channels][4]. w: blocks of channels, each [3 columns][rows][channels][4], then bias int32 (for both
 * rows) and half of mult int32. upper, lower: first output pixels; their steps are bytes to the next pixel. */
typedef struct {
    const int8_t *x, *w;
    int8_t *upper, *lower;
    uint64_t upper_step, lower_step;
    uint64_t channels, pixels;
    int32_t zero[16]; /* y_zero in each */
    int8_t min[16], max[16];
} ew_depthwise_rows_t;
EW_LAYOUT(ew_depthwise_rows_t, 11, x, 0, w, 8, upper, 16, lower, 24, upper_step, 32, lower_step, 40, channels, 48,
          pixels, 56, zero, 64, min, 128, max, 144);

/* The sums that a row pair or row stands for, scaled, must lie in int16 (zero point included). */
typedef void ew_depthwise_rows_fn(const ew_depthwise_rows_t *rows);

/* Stride 1, two rows, blocks of 8 channels: the lower row sees the last three of the four input rows. */
ew_depthwise_rows_fn ew_depthwise_3x3_rows__sdot, ew_depthwise_3x3_rows_clamped__sdot;
/* Horizontal stride 2, one row (the upper one), blocks of 16 channels. */
ew_depthwise_rows_fn ew_depthwise_3x3s2_row__sdot, ew_depthwise_3x3s2_row_clamped__sdot;

/* to[i] = {a[i], b[i], c[i], d[i]} for i < n; n >= 16. */
void ew_interleave__sdot(const int8_t *a, const int8_t *b, const int8_t *c, const int8_t *d, int8_t *to, uint64_t n);

/* Where the input rows of an output row come from, and where they go. */
typedef struct {
    const ew_conv_s8_t *p;
    const int8_t *x;
    int8_t *outside;     /* a row of x_zero */
    int8_t *interleaved; /* [columns][channels][4] */
    uint32_t n;          /* bytes of an input row that windows see */
} ew_depthwise_input_t;

static inline ew_depthwise_input_t ew_depthwise_input(const ew_conv_s8_t *p, const int8_t *x, int8_t *scratch)
{
    const uint32_t columns = (p->out_w - 1u) * p->stride_w + 3u, inside = columns - p->pad_left;
    ew_depthwise_input_t in;
    in.p = p;
    in.x = x;
    in.interleaved = scratch;
    in.outside = scratch + 4 * columns * p->in_c;
    in.n = (inside < p->in_w ? inside : p->in_w) * p->in_c;
    memset(scratch, p->x_zero, 4 * columns * p->in_c + in.n);
    return in;
}

static inline const int8_t *ew_depthwise_input_row(const ew_depthwise_input_t *in, int32_t row)
{
    const ew_conv_s8_t *p = in->p;
    return row < 0 || row >= p->in_h ? in->outside : in->x + (uint32_t)row * p->in_w * p->in_c;
}

/* Input rows from `row` on; the last one stands for any that a window does not see. */
static inline void ew_depthwise_interleave(const ew_depthwise_input_t *in, int32_t row, int32_t seen)
{
    const int8_t *a = ew_depthwise_input_row(in, row), *b = ew_depthwise_input_row(in, row + 1);
    const int8_t *c = ew_depthwise_input_row(in, row + 2), *d = seen > 3 ? ew_depthwise_input_row(in, row + 3) : c;
    ew_interleave__sdot(a, b, c, d, in->interleaved + 4u * in->p->pad_left * in->p->in_c, in->n);
}

static inline ew_depthwise_rows_t ew_depthwise_rows(const ew_conv_s8_t *p, const ew_depthwise_input_t *in)
{
    ew_depthwise_rows_t rows;
    rows.x = in->interleaved;
    rows.w = (const int8_t *)p->w;
    rows.upper_step = rows.lower_step = rows.channels = p->out_c;
    rows.pixels = p->out_w;
    for (int i = 0; i < 16; i++) {
        rows.zero[i] = p->y_zero;
    }
    memset(rows.min, p->act_min, sizeof rows.min);
    memset(rows.max, p->act_max, sizeof rows.max);
    return rows;
}

static inline int ew_depthwise_clamps(const ew_conv_s8_t *p)
{
    return p->act_min > -128 || p->act_max < 127;
}

#endif
