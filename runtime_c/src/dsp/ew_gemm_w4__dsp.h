/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_w4__dsp.h: products with 4-bit weights; ew_gemm_w4_px4__dsp.S describes weights, streams and arithmetic. */
#ifndef EW_GEMM_W4__DSP_H
#define EW_GEMM_W4__DSP_H

#include "ew_gemm__dsp.h"

extern const ew_gemm_core__dsp_t ew_gemm_w4__dsp;

ew_gemm__dsp_fn ew_gemm_w4_px4__dsp;
uint32_t ew_gemm_w4_entry__dsp(uint32_t kpairs);

/* Records for a single row. The assembly copies what stands behind w to its stack. */
typedef struct {
    const uint32_t *w;
    int8_t *y;
    int32_t y_zero;
    const uint32_t *a; /* widened input, [kpairs], a multiple of 4 */
    const uint32_t *w_end;
    const uint32_t *a_end;
    uint32_t shift;
    int32_t a8; /* 8 * the sum of a */
} ew_fc4_w4__dsp_t;

void ew_fc4_w4__dsp(const ew_fc4_w4__dsp_t *f);

#endif
