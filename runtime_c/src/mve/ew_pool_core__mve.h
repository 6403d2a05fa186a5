/* SPDX-License-Identifier: Apache-2.0 */
/* ew_pool_core__mve.h: one pooling window over all channels. */
#ifndef EW_POOL_CORE__MVE_H
#define EW_POOL_CORE__MVE_H

#include "c/ew_layout.h"
#include "ew_kernels.h"

typedef struct {
    const int8_t *x; /* first position of the window */
    int8_t *y;
    uint32_t rows, row_step; /* rows of the window, and bytes from one to the next */
    uint32_t run, run_step;  /* positions in a row, 1 or more, and bytes from one to the next */
    uint32_t channels;       /* 1 or more */
    int32_t act_min, act_max;
    int32_t first, mult; /* of sums only: what they start from; the multiplier halved */
    uint32_t shift;
    int32_t y_zero;
} ew_pool_core__mve_t;
EW_LAYOUT(ew_pool_core__mve_t, 13, x, 0, y, 4, rows, 8, row_step, 12, run, 16, run_step, 20, channels, 24, act_min, 28,
          act_max, 32, first, 36, mult, 40, shift, 44, y_zero, 48);

/* y[c] = clamp(max over the window of x); rows may be 0, which gives act_min. */
void ew_pool_core_max__mve(const ew_pool_core__mve_t *p);

/* y[c] = requantize(first + sum over the window of x), x at any number of positions. */
void ew_pool_core_sum__mve(const ew_pool_core__mve_t *p);

#endif
