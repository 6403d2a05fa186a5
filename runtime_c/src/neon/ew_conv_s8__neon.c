/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_s8__neon.c: convolution of one group; w: ew_gemm__neon.h, with bias and mult. */
#include "advsimd/ew_conv_rows.h"
#include "neon/ew_gemm__neon.h"
#include "neon/ew_kernels__neon.h"

/* Neighbouring columns lie side by side: a window is one run of bytes per row of the panel. */
static void direct_rows(const ew_gemm_t *g, const ew_panel_t *panel, int8_t *y)
{
    const ew_conv_s8_t *p = panel->p;
    const ew_gemm__neon_t gemm =
        ew_gemm_of__neon(g, p->k_h, p->dilation_h * panel->row_bytes, (uint32_t)p->stride_w * p->in_c);
    for (uint32_t r = 0, out_rows; r < p->out_h; r += out_rows) {
        out_rows = ew_panel_fill(panel, r);
        for (uint32_t i = 0; i < out_rows; i++, y += (uint32_t)p->out_w * p->out_c) {
            ew_gemm_rows__neon(&gemm, ew_panel_tap(panel, i, 0, 0), y, p->out_w);
        }
    }
}

void ew_conv_s8__neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t k = (uint32_t)p->k_h * p->k_w * p->in_c;
    const ew_gemm_t g = {p->w, k, p->out_c, p->shift, p->y_zero, p->act_min, p->act_max};
    const ew_panel_t panel = ew_panel_begin(p, x, scratch, 1);
    if (p->dilation_w == 1 || p->k_w == 1) {
        direct_rows(&g, &panel, y);
        return;
    }
    int8_t *const patches = ew_panel_end(&panel);
    for (uint32_t r = 0, out_rows; r < p->out_h; r += out_rows) {
        out_rows = ew_panel_fill(&panel, r);
        y = ew_conv_patch_rows(ew_gemm__neon, &g, &panel, out_rows, patches, y);
    }
}
