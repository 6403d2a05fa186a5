/* SPDX-License-Identifier: Apache-2.0 */
/* ew_panel.h: input rows with their padding, for kernels that slide a window.
 *
 * Scratch holds the input rows that a few output rows read (a panel), widened by x_zero on all sides. A
 * position of the window is then a constant distance from the first one, wherever the window stands.
 * Sixteen bytes behind any row may be read. The twin in Python is kernels/advsimd/panel.py.
 */
#ifndef EW_PANEL_H
#define EW_PANEL_H

#include <string.h>

#include "ew_kernels.h"

/* Output pixels and rows that a panel should serve at least, so that what is done once per panel, and the rows
 * that two panels share, do not count. */
#define EW_PANEL_PIXELS 48u
#define EW_PANEL_ROWS   4u

typedef struct {
    const ew_conv_s8_t *p;
    const int8_t *x;
    int8_t *rows;
    uint32_t repeat;      /* how often each input byte stands in a row: the multiplier of a depthwise convolution */
    uint32_t pixel_bytes; /* in_c * repeat */
    uint32_t row_bytes;   /* from one row to the next */
    uint32_t most_rows;   /* output rows of a panel */
} ew_panel_t;

/* Columns that the windows of an output row read. */
static inline uint32_t ew_panel_width(const ew_conv_s8_t *p)
{
    return (p->out_w - 1u) * p->stride_w + (p->k_w - 1u) * p->dilation_w + 1u;
}

/* Input rows that `out_rows` output rows read. */
static inline uint32_t ew_panel_height(const ew_conv_s8_t *p, uint32_t out_rows)
{
    return (out_rows - 1u) * p->stride_h + (p->k_h - 1u) * p->dilation_h + 1u;
}

static inline ew_panel_t ew_panel_begin(const ew_conv_s8_t *p, const int8_t *x, int8_t *scratch, uint32_t repeat)
{
    const uint32_t rows = ((EW_PANEL_PIXELS + p->out_w - 1u) / p->out_w + 1u) & ~1u; /* even, for pairs of them */
    const uint32_t wanted = rows > EW_PANEL_ROWS ? rows : EW_PANEL_ROWS;
    ew_panel_t panel;
    panel.p = p;
    panel.x = x;
    panel.rows = scratch;
    panel.repeat = repeat;
    panel.pixel_bytes = p->in_c * repeat;
    panel.row_bytes = (ew_panel_width(p) * panel.pixel_bytes + 31u) & ~15u;
    panel.most_rows = wanted < p->out_h ? wanted : p->out_h;
    memset(scratch, p->x_zero, ew_panel_height(p, panel.most_rows) * panel.row_bytes);
    return panel;
}

/* Where scratch that the panel does not use begins. */
static inline int8_t *ew_panel_end(const ew_panel_t *panel)
{
    return panel->rows + ew_panel_height(panel->p, panel->most_rows) * panel->row_bytes;
}

/* Fill the panel for output rows from r on; the number of them. */
static inline uint32_t ew_panel_fill(const ew_panel_t *panel, uint32_t r)
{
    const ew_conv_s8_t *p = panel->p;
    const uint32_t out_rows = p->out_h - r < panel->most_rows ? p->out_h - r : panel->most_rows;
    const uint32_t inside = ew_panel_width(p) - p->pad_left, columns = inside < p->in_w ? inside : p->in_w;
    int8_t *to = panel->rows + p->pad_left * panel->pixel_bytes;
    int32_t row = (int32_t)(r * p->stride_h) - p->pad_top;
    for (uint32_t n = ew_panel_height(p, out_rows); n; n--, row++, to += panel->row_bytes) {
        if (row < 0 || row >= p->in_h) {
            memset(to, p->x_zero, columns * panel->pixel_bytes);
            continue;
        }
        const int8_t *from = panel->x + (uint32_t)row * p->in_w * p->in_c;
        if (panel->repeat == 1) {
            memcpy(to, from, columns * p->in_c);
            continue;
        }
        for (uint32_t i = 0; i < columns * p->in_c; i++) {
            memset(to + i * panel->repeat, from[i], panel->repeat);
        }
    }
    return out_rows;
}

/* Where tap (i, j) of the window of the first pixel of a panel's output row lies. */
static inline const int8_t *ew_panel_tap(const ew_panel_t *panel, uint32_t out_row, uint32_t i, uint32_t j)
{
    const ew_conv_s8_t *p = panel->p;
    return panel->rows + (out_row * p->stride_h + i * p->dilation_h) * panel->row_bytes +
           j * p->dilation_w * panel->pixel_bytes;
}

/* All taps of a depthwise window at the first pixel of the panel, and the last one once more. */
static inline void ew_panel_taps(const ew_panel_t *panel, const int8_t **tap)
{
    for (uint32_t i = 0; i < panel->p->k_h; i++) {
        for (uint32_t j = 0; j < panel->p->k_w; j++) {
            *tap++ = ew_panel_tap(panel, 0, i, j);
        }
    }
    *tap = tap[-1];
}

#endif
