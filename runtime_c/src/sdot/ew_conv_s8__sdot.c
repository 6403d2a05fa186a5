/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_s8__sdot.c: convolution of one group; w: ew_gemm__sdot.h, with bias and mult. */
/* -Os does not unroll the copies. */
#pragma GCC optimize("O3")

#include "advsimd/ew_conv_rows.h"
#include "sdot/ew_gemm__sdot.h"
#include "sdot/ew_kernels__sdot.h"

/* Whether the rows of a window are long enough to be read where they are. The twin is kernels/sdot/conv.py. */
static int uses_runs(const ew_conv_s8_t *p)
{
    return p->dilation_w == 1 && p->k_w * p->in_c >= 16;
}

/* Whether the windows read nothing but x. */
static int stays_inside(const ew_conv_s8_t *p)
{
    return p->pad_top == 0 && p->pad_left == 0 && p->k_w * p->in_c % EW_GEMM_READ_BYTES == 0 &&
           ew_panel_width(p) <= p->in_w && ew_panel_height(p, p->out_h) <= p->in_h;
}

/* Output rows whose first windows are at x, row_bytes apart. */
static void runs(const ew_conv_s8_t *p, const int8_t *x, uint32_t row_bytes, int8_t *y, uint32_t out_rows)
{
    const ew_gemm_t g = {p->w, (uint32_t)p->k_w * p->in_c, p->out_c, p->shift, p->y_zero, p->act_min, p->act_max};
    const ew_gemm_lines_t lines = {p->k_h,   p->dilation_h * row_bytes, (uint32_t)p->stride_w * p->in_c,
                                   p->out_w, p->stride_h * row_bytes,   out_rows};
    ew_gemm_lines__sdot(&g, &lines, x, y);
}

void ew_conv_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    if (uses_runs(p) && stays_inside(p)) {
        runs(p, x, (uint32_t)p->in_w * p->in_c, y, p->out_h);
        return;
    }
    const uint32_t k = (uint32_t)p->k_h * p->k_w * p->in_c;
    const ew_gemm_t g = {p->w, k, p->out_c, p->shift, p->y_zero, p->act_min, p->act_max};
    const ew_panel_t panel = ew_panel_begin(p, x, (int8_t *)scratch, 1);
    for (uint32_t r = 0; r < p->out_h; r += panel.most_rows) {
        const uint32_t out_rows = ew_panel_fill(&panel, r);
        if (uses_runs(p)) {
            runs(p, ew_panel_tap(&panel, 0, 0, 0), panel.row_bytes, y, out_rows);
            y += out_rows * p->out_w * p->out_c;
        } else {
            y = ew_conv_patch_rows(ew_gemm__sdot, &g, &panel, out_rows, ew_panel_end(&panel), y);
        }
    }
}
