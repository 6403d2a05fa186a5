/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_s8__sdot.c: fully connected layers; w: ew_gemm__sdot.h, with bias and mult. */
#include "advsimd/ew_gemm.h"
#include "sdot/ew_kernels__sdot.h"

void ew_fc_s8__sdot(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_gemm_t g = {p->w, p->in_features, p->out_features, p->shift, p->y_zero, p->act_min, p->act_max};
    ew_gemm_bounded(ew_gemm__sdot, &g, x, p->rows * p->in_features, p->in_features, y, p->rows, scratch);
}
