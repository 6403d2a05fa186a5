/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_line_s8__mve.c: depthwise convolution of one dimension; w and bias: ew_depthwise_strips__mve.h. */
#include "mve/ew_copy__mve.h"
#include "mve/ew_depthwise_strips__mve.h"
#include "mve/ew_kernels__mve.h"

/* Kernels of N x 1 or 1 x N, N at most 13, stride 1, line by line.
 * scratch: 16 bytes of x_zero, then the cells of a line. */
void ew_depthwise_line_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_axis_t rows = ew_rows_of(p);
    const ew_axis_t columns = ew_columns_of(p);
    const int upright = p->k_h > 1 || (p->k_w == 1 && p->out_h >= p->out_w);
    const ew_axis_t *along = upright ? &rows : &columns;
    const ew_axis_t *across = upright ? &columns : &rows;
    const int32_t count = (along->out + along->kernel - 1 + 3) / 4;
    const int8_t *outside = scratch;
    int8_t *cells = (int8_t *)scratch + EW_CELL_CHANNELS;
    ew_depthwise_core__mve_t d = ew_depthwise_core_of__mve(p, along, 4, 1, 0);
    ew_cell_row_t row = {.axis = along, .per_cell = 4, .outside = outside};
    ew_cells__mve_t c;
    d.cells = cells;
    ew_fill__mve(scratch, p->x_zero, EW_CELL_CHANNELS + (uint32_t)count * EW_CELL_BYTES);
    for (uint32_t channel = 0; channel < p->in_c; channel += EW_CELL_CHANNELS) {
        c.channels = p->in_c - channel < EW_CELL_CHANNELS ? p->in_c - channel : EW_CELL_CHANNELS;
        d.channels = c.channels;
        for (uint32_t line = 0; line < (uint32_t)across->out; line++) {
            c.to = cells;
            row.line[0] = x + line * across->x_step;
            ew_depthwise_fill__mve(&row, channel, count, &c);
            ew_depthwise_strip__mve(p, &d, ew_depthwise_core_line__mve, channel, y + line * across->y_step);
        }
    }
    if (p->act_min > -128 || p->act_max < 127) {
        ew_clamp__mve(y, (uint32_t)p->out_h * p->out_w * p->out_c, p->act_min, p->act_max);
    }
}
