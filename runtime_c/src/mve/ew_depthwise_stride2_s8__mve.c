/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_stride2_s8__mve.c: depthwise convolution of stride 2; w and bias: ew_depthwise_strips__mve.h. */
#include "mve/ew_copy__mve.h"
#include "mve/ew_depthwise_strips__mve.h"
#include "mve/ew_kernels__mve.h"

/* Kernels of at most 4 x 4, stride 2. A cell is a square of 2 x 2 positions, so that a window is a square of four
 * cells, and each cell is made once.
 * scratch: 16 bytes of x_zero, then two rows of cells. */
void ew_depthwise_stride2_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_axis_t rows = ew_rows_of(p);
    const ew_axis_t columns = ew_columns_of(p);
    const int32_t count = columns.out + 1;
    const uint32_t row_bytes = (uint32_t)count * EW_CELL_BYTES;
    int8_t *cells = (int8_t *)scratch + EW_CELL_CHANNELS;
    ew_depthwise_core__mve_t d = ew_depthwise_core_of__mve(p, &columns, 4, 1, 0);
    ew_cell_row_t row = {.axis = &columns, .per_cell = 2, .outside = scratch};
    ew_cells__mve_t c;
    d.cells = cells;
    ew_fill__mve(scratch, p->x_zero, EW_CELL_CHANNELS + 2u * row_bytes);
    for (uint32_t channel = 0; channel < p->in_c; channel += EW_CELL_CHANNELS) {
        c.channels = p->in_c - channel < EW_CELL_CHANNELS ? p->in_c - channel : EW_CELL_CHANNELS;
        d.channels = c.channels;
        for (int32_t r = -1; r < rows.out; r++) { /* makes cell row r + 1 */
            for (int32_t i = 0; i < 2; i++) {
                const int32_t position = 2 * (r + 1) + i - rows.pad;
                const int inside = position >= 0 && position < rows.in;
                row.line[i] = inside ? x + (uint32_t)position * rows.x_step : 0;
            }
            const uint32_t top = r & 1 ? row_bytes : 0u; /* cell row r */
            c.to = cells + (row_bytes - top);
            ew_depthwise_fill__mve(&row, channel, count, &c);
            if (r >= 0) {
                d.word[0] = top;
                d.word[1] = top + EW_CELL_BYTES;
                d.word[2] = row_bytes - top;
                d.word[3] = row_bytes - top + EW_CELL_BYTES;
                ew_depthwise_strip__mve(p, &d, ew_depthwise_core_patches__mve, channel, y + (uint32_t)r * rows.y_step);
            }
        }
    }
    if (p->act_min > -128 || p->act_max < 127) {
        ew_clamp__mve(y, (uint32_t)p->out_h * p->out_w * p->out_c, p->act_min, p->act_max);
    }
}
