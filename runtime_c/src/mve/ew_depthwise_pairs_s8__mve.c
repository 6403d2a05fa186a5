/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_pairs_s8__mve.c: depthwise convolution, two neighbours at a time; w and bias:
 * ew_depthwise_strips__mve.h. */
#include "mve/ew_copy__mve.h"
#include "mve/ew_depthwise_strips__mve.h"
#include "mve/ew_kernels__mve.h"

/* Kernels of at most 3 x 3, stride 1, in strips of two positions across and everything along the longer axis.
 * scratch: 16 bytes of x_zero, then the cells of a strip. */
void ew_depthwise_pairs_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_axis_t rows = ew_rows_of(p);
    const ew_axis_t columns = ew_columns_of(p);
    const ew_axis_t *along = p->out_h > p->out_w ? &rows : &columns;
    const ew_axis_t *across = p->out_h > p->out_w ? &columns : &rows;
    const uint32_t padded = (uint32_t)(along->out + along->kernel - 1);
    const uint32_t seen = padded - (uint32_t)along->pad;
    const int8_t *outside = scratch;
    const int8_t *line[4];
    int8_t *cells = (int8_t *)scratch + EW_CELL_CHANNELS;
    ew_depthwise_core__mve_t pairs = ew_depthwise_core_of__mve(p, along, 2, 2, across->y_step);
    ew_depthwise_core__mve_t single = ew_depthwise_core_of__mve(p, along, 4, 1, 0);
    ew_cells__mve_t c = {.to = cells + along->pad * EW_CELL_BYTES,
                         .cells = seen < (uint32_t)along->in ? seen : (uint32_t)along->in};
    pairs.cells = single.cells = cells;
    ew_fill__mve(scratch, p->x_zero, EW_CELL_CHANNELS + padded * EW_CELL_BYTES); /* the padding stays */
    for (int32_t strip = 0; strip < across->out; strip += 2) {
        ew_depthwise_core__mve_t *const d = strip + 1 < across->out ? &pairs : &single;
        ew_depthwise_core__mve_fn *const core =
            d == &pairs ? ew_depthwise_core_pairs__mve : ew_depthwise_core_single__mve;
        for (int32_t j = 0; j < 4; j++) {
            const int32_t position = strip + j - across->pad;
            const int inside = position >= 0 && position < across->in;
            line[j] = inside ? x + (uint32_t)position * across->x_step : 0;
            c.step[j] = inside ? along->x_step : 0u;
        }
        for (uint32_t channel = 0; channel < p->in_c; channel += EW_CELL_CHANNELS) {
            c.channels = p->in_c - channel < EW_CELL_CHANNELS ? p->in_c - channel : EW_CELL_CHANNELS;
            for (int32_t j = 0; j < 4; j++) {
                c.line[j] = line[j] ? line[j] + channel : outside;
            }
            ew_cells__mve(&c);
            d->channels = c.channels;
            ew_depthwise_strip__mve(p, d, core, channel, y + (uint32_t)strip * across->y_step);
        }
    }
    if (p->act_min > -128 || p->act_max < 127) {
        ew_clamp__mve(y, (uint32_t)p->out_h * p->out_w * p->out_c, p->act_min, p->act_max);
    }
}
