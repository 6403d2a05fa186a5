/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_rows_s8__mve.c: fully connected layers of several rows; w: blocks of ew_gemm__mve.h. */
#include "mve/ew_gemm__mve.h"
#include "mve/ew_kernels__mve.h"

void ew_fc_rows_s8__mve(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_gemm_shape_t shape = {.w = p->w,
                                   .depth = p->in_features,
                                   .out_c = p->out_features,
                                   .x_step = p->in_features,
                                   .y_step = p->out_features,
                                   .y_zero = p->y_zero};
    ew_gemm_core__mve_t g = ew_gemm_of__mve(&shape);
    ew_gemm_bounded__mve(&g, x, x + p->rows * p->in_features, y, p->rows, scratch);
    if (p->act_min > -128 || p->act_max < 127) {
        ew_clamp__mve(y, p->rows * p->out_features, p->act_min, p->act_max);
    }
}
