/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_strips__mve.c: strips of cells, and the core's arguments for them. */
#include "mve/ew_depthwise_strips__mve.h"

ew_depthwise_core__mve_t ew_depthwise_core_of__mve(const ew_conv_s8_t *p, const ew_axis_t *axis, uint32_t along,
                                                   uint32_t across, uint32_t across_step)
{
    const uint32_t out = (uint32_t)axis->out;
    const uint32_t blocks = (out + along - 1u) / along;
    const uint32_t valid = (out - (blocks - 1u) * along) * across; /* outputs of the last block */
    ew_depthwise_core__mve_t d = {.y_channel = (uint32_t)p->out_c / p->in_c,
                                  .y_two_blocks = 2u * along * axis->y_step,
                                  .twos = (blocks - 1u) / 2u,
                                  .last_is_two = blocks % 2u == 0u,
                                  .y_zero = p->y_zero,
                                  .word = {0, EW_CELL_BYTES, 2u * EW_CELL_BYTES, 3u * EW_CELL_BYTES}};
    d.mask = d.last_is_two ? 0x3333u : 0u;
    for (uint32_t i = 0; i < 4u; i++) {
        const uint32_t offset = i / across * axis->y_step + i % across * across_step;
        d.offset[2u * i] = (uint16_t)offset;
        d.offset[2u * i + 1u] = (uint16_t)(offset + along * axis->y_step);
        if (i < valid) {
            d.mask |= 3u << (4u * i + 2u * d.last_is_two);
        }
    }
    return d;
}

void ew_depthwise_strip__mve(const ew_conv_s8_t *p, ew_depthwise_core__mve_t *d, ew_depthwise_core__mve_fn *core,
                             uint32_t channel, int8_t *y)
{
    d->y = y + channel * d->y_channel;
    for (uint32_t first = channel; first < p->out_c; first += p->in_c) {
        d->w = (const int8_t *)p->w + 8u + 16u * first;
        d->bias_mult = p->bias + 2u * first;
        core(d);
        d->y++;
    }
}

void ew_depthwise_fill__mve(const ew_cell_row_t *row, uint32_t channel, int32_t count, ew_cells__mve_t *c)
{
    for (int32_t cell = 0; cell < count; cell += (int32_t)c->cells) {
        const int32_t first = row->per_cell * cell - row->axis->pad;
        const int32_t whole = first < 0 ? 0 : (row->axis->in - first) / row->per_cell; /* from here on all inside */
        c->cells = whole > 1 ? (uint32_t)(whole < count - cell ? whole : count - cell) : 1u;
        if (first >= row->axis->in || first + row->per_cell <= 0) { /* filled before */
            c->to += EW_CELL_BYTES;
            continue;
        }
        for (int32_t j = 0; j < 4; j++) {
            const int32_t position = first + j % row->per_cell;
            const int8_t *line = row->line[j / row->per_cell];
            const int inside = line && position >= 0 && position < row->axis->in;
            c->line[j] = inside ? line + channel + (uint32_t)position * row->axis->x_step : row->outside;
            c->step[j] = inside ? (uint32_t)row->per_cell * row->axis->x_step : 0u;
        }
        ew_cells__mve(c);
        c->to += c->cells * EW_CELL_BYTES;
    }
}
