/* SPDX-License-Identifier: Apache-2.0 */
/* ew_pool_window__mve.h: where the window of one output position lies. */
#ifndef EW_POOL_WINDOW__MVE_H
#define EW_POOL_WINDOW__MVE_H

#include "c/ew_window.h"
#include "ew_kernels.h"
#include "mve/ew_pool_core__mve.h"

/* What does not change between positions; x and y of the first. */
static inline ew_pool_core__mve_t ew_pool_core_of(const ew_pool_s8_t *p, int8_t *y)
{
    const ew_pool_core__mve_t core = {.y = y,
                                      .row_step = (uint32_t)p->dilation_h * p->in_w * p->channels,
                                      .run_step = (uint32_t)p->dilation_w * p->channels,
                                      .channels = p->channels,
                                      .act_min = p->act_min,
                                      .act_max = p->act_max,
                                      .shift = p->shift,
                                      .y_zero = p->y_zero};
    return core;
}

/* The part of the window that lies inside the input; rows that follow each other become one. Returns its positions. */
static inline uint32_t ew_pool_place(ew_pool_core__mve_t *core, const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows,
                                     ew_span_t cols)
{
    const int32_t row = rows.origin + rows.first * p->dilation_h;
    const int32_t col = cols.origin + cols.first * p->dilation_w;
    core->x = x + (row * p->in_w + col) * p->channels;
    core->run = (uint32_t)(cols.last - cols.first);
    core->rows = core->run ? (uint32_t)(rows.last - rows.first) : 0u;
    const uint32_t positions = core->rows * core->run;
    if (core->run * core->run_step == core->row_step && positions) {
        core->run = positions;
        core->rows = 1;
    }
    return positions;
}

#endif
