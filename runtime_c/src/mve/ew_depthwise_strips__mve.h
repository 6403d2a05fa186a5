/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_strips__mve.h: what the depthwise bodies that work on strips of cells share.
 *
 * Their weights: 8 zeros, then 16 bytes for each output channel; bias: int32 bias and halved multiplier for each
 * output channel, interleaved. Channels are ordered [multiplier][in_c], so that the outputs of one input channel
 * belong to different passes over the same cells. */
#ifndef EW_DEPTHWISE_STRIPS__MVE_H
#define EW_DEPTHWISE_STRIPS__MVE_H

#include <stdint.h>

#include "ew_kernels.h"
#include "mve/ew_depthwise_core__mve.h"

/* One axis of a convolution. x_step, y_step: bytes from one position to the next. */
typedef struct {
    int32_t in, out, pad, kernel;
    uint32_t x_step, y_step;
} ew_axis_t;

static inline ew_axis_t ew_rows_of(const ew_conv_s8_t *p)
{
    const ew_axis_t a = {
        p->in_h, p->out_h, p->pad_top, p->k_h, (uint32_t)p->in_w * p->in_c, (uint32_t)p->out_w * p->out_c};
    return a;
}

static inline ew_axis_t ew_columns_of(const ew_conv_s8_t *p)
{
    const ew_axis_t a = {p->in_w, p->out_w, p->pad_left, p->k_w, p->in_c, p->out_c};
    return a;
}

typedef void ew_depthwise_core__mve_fn(const ew_depthwise_core__mve_t *d);

/* The core's arguments that follow from the shape of a strip: outputs along an axis, in blocks of `along` times
 * `across`, where across_step is the step in y of the other axis. */
ew_depthwise_core__mve_t ew_depthwise_core_of__mve(const ew_conv_s8_t *p, const ew_axis_t *axis, uint32_t along,
                                                   uint32_t across, uint32_t across_step);

/* All outputs of the strip in d->cells that come from input channels [channel, channel + d->channels);
 * y: the first output of the strip in channel 0. */
void ew_depthwise_strip__mve(const ew_conv_s8_t *p, ew_depthwise_core__mve_t *d, ew_depthwise_core__mve_fn *core,
                             uint32_t channel, int8_t *y);

/* A row of cells along an axis whose positions also fill the bytes of a cell: per_cell (2 or 4) of them from each
 * of 4 / per_cell lines. line: where position 0 is, or a null pointer outside the image. outside: 16 bytes of
 * x_zero. Cell 0 starts axis->pad positions before the image. */
typedef struct {
    const ew_axis_t *axis;
    int32_t per_cell;
    const int8_t *line[2], *outside;
} ew_cell_row_t;

/* `count` cells to c->to, which moves on, of c->channels channels from `channel` on. Cells that lie outside the
 * image are left as they are: the caller fills them with x_zero once. */
void ew_depthwise_fill__mve(const ew_cell_row_t *row, uint32_t channel, int32_t count, ew_cells__mve_t *c);

#endif
