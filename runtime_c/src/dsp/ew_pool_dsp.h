/* ew_pool_dsp.h: the walk over windows that both kinds of pooling share. */
#ifndef EW_POOL_DSP_H
#define EW_POOL_DSP_H

#include "ew_dsp.h"
#include "ew_kernels.h"

/* What a window sees of the input: `rows` rows of `cols` positions. */
typedef struct {
    uint32_t rows, cols;
    uint32_t row_step, col_step; /* bytes */
} ew_pool_seen_dsp_t;

/* All channels of one output position; x: the first position seen. The last four channels may overlap the four
 * before. */
typedef void ew_pool_position_fn(const ew_pool_s8_t *p, const ew_pool_seen_dsp_t *seen, const int8_t *x, int8_t *y);

void ew_pool_dsp(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, ew_pool_position_fn *position);

#endif
