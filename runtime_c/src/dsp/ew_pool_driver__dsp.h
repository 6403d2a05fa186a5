/* SPDX-License-Identifier: Apache-2.0 */
/* ew_pool_driver__dsp.h: the walk over windows that both kinds of pooling share. */
#ifndef EW_POOL_DRIVER__DSP_H
#define EW_POOL_DRIVER__DSP_H

#include "ew_kernels.h"
#include "ew_simd__dsp.h"

/* What a window sees of the input: `rows` rows of `cols` positions. */
typedef struct {
    uint32_t rows, cols;
    uint32_t row_step, col_step; /* bytes */
} ew_pool_seen__dsp_t;

/* All channels of one output position; x: the first position seen. The last four channels may overlap the four
 * before. */
typedef void ew_pool_position__dsp_fn(const ew_pool_s8_t *p, const ew_pool_seen__dsp_t *seen, const int8_t *x,
                                      int8_t *y);

void ew_pool_driver__dsp(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, ew_pool_position__dsp_fn *position);

#endif
