/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_s8__neon.c: fully connected layers; w: ew_gemm__neon.h, with bias and mult. */
#include "neon/ew_gemm__neon.h"
#include "neon/ew_kernels__neon.h"

void ew_fc_s8__neon(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_gemm_t g = {p->w, p->in_features, p->out_features, p->shift, p->y_zero, p->act_min, p->act_max};
    ew_gemm_bounded__neon(&g, x, x + p->rows * p->in_features, p->in_features, y, p->rows, scratch);
}
