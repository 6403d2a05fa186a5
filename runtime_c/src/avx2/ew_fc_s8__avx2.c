/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_s8__avx2.c: fully connected layers; w, bias and mult as ew_gemm__avx2.h orders them. */
#include "avx2/ew_kernels__avx2.h"
#include "ew_gemm__avx2.h"

void ew_fc_s8__avx2(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    int16_t *const wide = (int16_t *)scratch;
    const uint32_t n = p->in_features;
    const ew_layer__avx2_t layer = {(const int8_t *)p->w, p->bias, p->mult, p->out_features,
                                    ew_output__avx2(p->y_zero, p->act_min, p->act_max)};
    const ew_windows__avx2_t windows = {wide, n, 0, 0, 1, 1, (n + 1) / 2};
    for (uint32_t r = 0; r < p->rows; r += 4) {
        const uint32_t count = p->rows - r < 4 ? p->rows - r : 4;
        *ew_widen__avx2(wide, x + r * n, count * n) = 0; /* read when n is odd */
        ew_gemm__avx2(&layer, &windows, count, y + r * p->out_features);
    }
}
