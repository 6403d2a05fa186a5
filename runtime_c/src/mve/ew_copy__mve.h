/* SPDX-License-Identifier: Apache-2.0 */
/* ew_copy__mve.h: the memory moves that the MVE kernels need. */
#ifndef EW_COPY__MVE_H
#define EW_COPY__MVE_H

#include "c/ew_layout.h"
#include "ew_kernels.h"

/* to[i] = from[i], i < bytes; any alignment, no overlap. */
void ew_copy__mve(int8_t *to, const int8_t *from, uint32_t bytes);

/* to[i] = value, i < bytes. */
void ew_fill__mve(int8_t *to, int32_t value, uint32_t bytes);

/* y[i] = clamp(y[i], act_min, act_max), i < bytes. */
void ew_clamp__mve(int8_t *y, uint32_t bytes, int32_t act_min, int32_t act_max);

/* `blocks` blocks of `bytes` bytes, `from_step` apart, to places `to_step` apart; bytes > 0. */
typedef struct {
    int8_t *to;
    const int8_t *from;
    uint32_t to_step, from_step;
    uint32_t bytes, blocks;
} ew_copy_blocks__mve_t;
EW_LAYOUT(ew_copy_blocks__mve_t, 6, to, 0, from, 4, to_step, 8, from_step, 12, bytes, 16, blocks, 20);

void ew_copy_blocks__mve(const ew_copy_blocks__mve_t *c);

#endif
