/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_3x3_s8__sdot.c: depthwise 3x3 convolution of stride 1, two rows of outputs at a time; w:
 * ew_depthwise__sdot.h. */
#include "sdot/ew_depthwise__sdot.h"
#include "sdot/ew_kernels__sdot.h"

void ew_depthwise_3x3_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_depthwise_rows_fn *const compute =
        ew_depthwise_clamps(p) ? ew_depthwise_3x3_rows_clamped__sdot : ew_depthwise_3x3_rows__sdot;
    const ew_depthwise_input_t in = ew_depthwise_input(p, x, (int8_t *)scratch);
    const uint32_t y_row_bytes = (uint32_t)p->out_w * p->out_c;
    ew_depthwise_rows_t rows = ew_depthwise_rows(p, &in);
    for (uint32_t r = 0; r < p->out_h; r += 2, y += 2 * y_row_bytes) {
        const int has_lower = r + 1 < p->out_h;
        ew_depthwise_interleave(&in, (int32_t)r - p->pad_top, has_lower ? 4 : 3);
        rows.upper = y;
        rows.lower = y + y_row_bytes;
        if (!has_lower) { /* nowhere */
            rows.lower = in.outside;
            rows.lower_step = 0;
        }
        compute(&rows);
    }
}
