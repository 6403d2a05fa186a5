/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_1x1_driver__dsp.c: pixels of one position each, widened four at a time for the cores. */
#include "ew_conv_driver__dsp.h"

void ew_conv_1x1_driver__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, uint32_t *a,
                             const ew_gemm_core__dsp_t *core)
{
    const uint32_t in_c = p->in_c, out_c = p->out_c, whole = in_c / 4 * 4;
    const uint32_t kpairs = ew_gemm_kpairs(1, in_c), pixels = (uint32_t)p->out_h * p->out_w;
    ew_gemm__dsp_t g = {out_c, 0, p->y_zero, a, 0, a + 4 * kpairs, core->entry(kpairs), (const uint32_t *)p->w, core};
    ew_windows__dsp_t windows = {{x, x + in_c, x + 2 * in_c, x + 3 * in_c}, in_c / 4, in_c % 4, 1, 0};
    uint32_t left = pixels;
    for (; left >= 4; left -= 4, y += 4 * out_c) {
        ew_widen_px4__dsp(&windows, a, ew_rest_at(a, 4, whole));
        ew_gemm_block__dsp(&g, y, core->px4, 4);
        windows.x[0] += 4 * in_c;
        windows.x[1] += 4 * in_c;
        windows.x[2] += 4 * in_c;
        windows.x[3] += 4 * in_c;
    }
    x = windows.x[0];
    for (; left; left--, x += in_c, y += out_c) {
        if (core->px1) {
            g.a_end = a + kpairs;
            ew_widen_px1__dsp(x, in_c, a, ew_rest_at(a, 1, whole));
            ew_gemm_block__dsp(&g, y, core->px1, 1);
        } else {
            windows.x[0] = windows.x[1] = windows.x[2] = windows.x[3] = x;
            g.px_stride = 0;
            ew_widen_px4__dsp(&windows, a, ew_rest_at(a, 4, whole));
            ew_gemm_block__dsp(&g, y, core->px4, 1);
        }
    }
    ew_clamp__dsp(y - pixels * out_c, pixels * out_c, p->act_min, p->act_max);
}
