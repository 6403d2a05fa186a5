/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_s8__mve.c: depthwise convolution of any window, row by row. */
#include "mve/ew_copy__mve.h"
#include "mve/ew_depthwise_strips__mve.h"
#include "mve/ew_kernels__mve.h"

/* What a row of outputs sees: planes of cells, one for every four kernel rows, that hold each input column once.
 * scratch: 16 bytes of x_zero, the word offsets, then the planes. */
typedef struct {
    const ew_conv_s8_t *p;
    const int8_t *x;
    int8_t *outside, *cells;
    uint32_t plane_bytes, planes;
} rows_t;

/* The cells of output row r for c->channels channels from `channel` on; columns outside the input stay as they
 * are, x_zero. */
static void fill_row(const rows_t *rows, int32_t r, uint32_t channel, ew_cells__mve_t *c)
{
    const ew_conv_s8_t *p = rows->p;
    for (uint32_t plane = 0; plane < rows->planes; plane++) {
        for (uint32_t j = 0; j < 4; j++) {
            const int32_t tap = (int32_t)(4u * plane + j);
            const int32_t row = r * p->stride_h - p->pad_top + tap * p->dilation_h;
            const int inside = tap < p->k_h && row >= 0 && row < p->in_h;
            c->line[j] = inside ? rows->x + (uint32_t)row * p->in_w * p->in_c + channel : rows->outside;
            c->step[j] = inside ? p->in_c : 0u;
        }
        c->to = rows->cells + plane * rows->plane_bytes + (uint32_t)p->pad_left * EW_CELL_BYTES;
        ew_cells__mve(c);
    }
}

/* Any window. w: uint32 vectors per window, uint32 0, patterns [multiplier][in_c][vectors][k], where the words of
 * a window are ordered [planes][k_w]. bias: as in ew_depthwise_strips__mve.h. */
void ew_depthwise_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t seen = (uint32_t)((p->out_w - 1) * p->stride_w + (p->k_w - 1) * p->dilation_w + 1);
    const uint32_t columns = seen + 3u * p->stride_w; /* the last four windows may go beyond the row */
    uint32_t *words = (uint32_t *)((int8_t *)scratch + EW_CELL_CHANNELS);
    ew_depthwise_any__mve_t d = {.words = words,
                                 .y_channel = (uint32_t)p->out_c / p->in_c,
                                 .vectors = *(const uint32_t *)p->w,
                                 .cell_step = p->stride_w * (uint32_t)EW_CELL_BYTES,
                                 .y_step = p->out_c,
                                 .out = p->out_w,
                                 .y_zero = p->y_zero};
    const rows_t rows = {.p = p,
                         .x = x,
                         .outside = scratch,
                         .cells = (int8_t *)(words + 4u * d.vectors),
                         .plane_bytes = columns * EW_CELL_BYTES,
                         .planes = (uint32_t)(p->k_h + 3) / 4u};
    const uint32_t inside = seen - p->pad_left;
    ew_cells__mve_t c = {.cells = inside < p->in_w ? inside : p->in_w};
    d.cells = rows.cells;
    ew_fill__mve(scratch, p->x_zero,
                 EW_CELL_CHANNELS + 16u * d.vectors + rows.planes * rows.plane_bytes); /* the padding stays */
    for (uint32_t i = 0; i < 4u * d.vectors; i++) {
        const uint32_t plane = i / p->k_w;
        const uint32_t column = i % p->k_w * p->dilation_w;
        words[i] = plane < rows.planes ? plane * rows.plane_bytes + column * EW_CELL_BYTES : 0u;
    }
    for (int32_t r = 0; r < p->out_h; r++) {
        for (uint32_t channel = 0; channel < p->in_c; channel += EW_CELL_CHANNELS) {
            c.channels = p->in_c - channel < EW_CELL_CHANNELS ? p->in_c - channel : EW_CELL_CHANNELS;
            d.channels = c.channels;
            fill_row(&rows, r, channel, &c);
            d.y = y + (uint32_t)r * p->out_w * p->out_c + channel * d.y_channel;
            for (uint32_t first = channel; first < p->out_c; first += p->in_c) {
                d.w = (const int8_t *)p->w + 8u + 16u * d.vectors * first;
                d.bias_mult = p->bias + 2u * first;
                ew_depthwise_any_core__mve(&d);
                d.y++;
            }
        }
    }
    if (p->act_min > -128 || p->act_max < 127) {
        ew_clamp__mve(y, (uint32_t)p->out_h * p->out_w * p->out_c, p->act_min, p->act_max);
    }
}
