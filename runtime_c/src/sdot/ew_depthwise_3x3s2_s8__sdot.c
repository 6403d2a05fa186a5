/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_3x3s2_s8__sdot.c: depthwise 3x3 convolution of stride 2; w: ew_depthwise__sdot.h. */
#include "sdot/ew_depthwise__sdot.h"
#include "sdot/ew_kernels__sdot.h"

void ew_depthwise_3x3s2_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_depthwise_rows_fn *const compute =
        ew_depthwise_clamps(p) ? ew_depthwise_3x3s2_row_clamped__sdot : ew_depthwise_3x3s2_row__sdot;
    const ew_depthwise_input_t in = ew_depthwise_input(p, x, (int8_t *)scratch);
    ew_depthwise_rows_t rows = ew_depthwise_rows(p, &in);
    rows.upper = y;
    for (uint32_t r = 0; r < p->out_h; r++, rows.upper += (uint32_t)p->out_w * p->out_c) {
        ew_depthwise_interleave(&in, (int32_t)(r * p->stride_h) - p->pad_top, 3);
        compute(&rows);
    }
}
