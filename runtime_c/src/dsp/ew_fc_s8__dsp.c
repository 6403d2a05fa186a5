/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_s8__dsp.c: fully connected, four outputs at a time; made for few rows and many weights.
 *
 * w: the quads of ew_fc4__dsp.S, then the pair-weight stream of ew_gemm_px4__dsp.S for the outputs behind them, with
 *    bias and multipliers inside; bias and mult are not read.
 * scratch: 4 * ew_gemm_kpairs(1, in_features) bytes, rounded up to 8, one widened row.
 * shift must be 0. y may begin where x does when rows == 1 or out_features <= in_features. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_gemm__dsp.h"

static const ew_gemm_core__dsp_t CORE = {0, ew_gemm_pair_px1__dsp, 0};

void ew_fc_s8__dsp(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    uint32_t *a = (uint32_t *)scratch;
    ew_half_s16_t *rest = ew_rest_at(a, 1, p->in_features / 4 * 4);
    ew_gemm__dsp_t g = {0, 0, p->y_zero, a, 0, a + ew_gemm_kpairs(1, p->in_features), 0, 0, &CORE};
    int8_t *row = y;
    for (uint32_t left = p->rows; left; left--, x += p->in_features, row += p->out_features) {
        ew_widen_px1__dsp(x, p->in_features, a, rest);
        g.w = (const uint32_t *)p->w;
        g.w = ew_fc4__dsp(&g, row);
        ew_gemm_block__dsp(&g, row, CORE.px1, 1);
    }
    ew_clamp__dsp(y, p->rows * p->out_features, p->act_min, p->act_max);
}
