/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_1x1_s8__avx2.c: 1x1 convolution of stride 1 without padding, all positions as one row; w, bias and mult as
 * ew_gemm__avx2.h orders them. */
#include "avx2/ew_kernels__avx2.h"
#include "ew_gemm__avx2.h"

#define POSITIONS 32u /* widened at a time */

void ew_conv_1x1_s8__avx2(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    int16_t *const wide = (int16_t *)scratch;
    const uint32_t in_c = p->in_c;
    const uint32_t positions = (uint32_t)p->out_h * p->out_w;
    const ew_layer__avx2_t layer = {(const int8_t *)p->w, p->bias, p->mult, p->out_c,
                                    ew_output__avx2(p->y_zero, p->act_min, p->act_max)};
    const ew_windows__avx2_t windows = {wide, in_c, 0, 0, 1, 1, (in_c + 1) / 2};
    for (uint32_t at = 0; at < positions; at += POSITIONS) {
        const uint32_t count = positions - at < POSITIONS ? positions - at : POSITIONS;
        *ew_widen__avx2(wide, x + at * in_c, count * in_c) = 0; /* read when in_c is odd */
        ew_gemm__avx2(&layer, &windows, count, y + at * p->out_c);
    }
}
