/* ew_conv_1x1_s8__dsp.c: 1x1 convolution of stride 1 without padding, any channels, any number of pixels.
 *
 * w: the pair-weight stream of ew_gemm_px4_dsp.S, with bias and multipliers inside; bias and mult are not read.
 * scratch: 16 * ew_gemm_kpairs(1, in_c) bytes, the widened input of four pixels; for fewer than four pixels 4 *
 *    ew_gemm_kpairs(1, in_c) bytes.
 * shift must be 0. y may begin where x does when out_c <= in_c: four pixels are read before they are written. */
#include "ew_gemm_dsp.h"
#include "ew_kernels.h"

void ew_conv_1x1_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t in_c = p->in_c, out_c = p->out_c, whole = in_c / 4 * 4;
    const uint32_t kpairs = ew_gemm_kpairs(1, in_c), pixels = (uint32_t)p->out_h * p->out_w;
    uint32_t *a = scratch;
    ew_gemm_dsp_t g = {out_c, 0, p->y_zero, a, 0, a + 4 * kpairs, ew_gemm_entry_px4_dsp(kpairs), p->w};
    ew_windows_dsp_t windows = {{x, x + in_c, x + 2 * in_c, x + 3 * in_c}, in_c / 4, in_c % 4, 1, 0};
    uint32_t left = pixels;
    for (; left >= 4; left -= 4, y += 4 * out_c) {
        ew_widen_px4_dsp(&windows, a, ew_rest_at(a, 4, whole));
        ew_gemm_block4_dsp(&g, y);
        windows.x[0] += 4 * in_c;
        windows.x[1] += 4 * in_c;
        windows.x[2] += 4 * in_c;
        windows.x[3] += 4 * in_c;
    }
    x = windows.x[0];
    for (g.a_end = a + kpairs; left; left--, x += in_c, y += out_c) {
        ew_widen_px1_dsp(x, in_c, a, ew_rest_at(a, 1, whole));
        ew_gemm_block1_dsp(&g, y);
    }
    ew_clamp_s8_dsp(y - pixels * out_c, pixels * out_c, p->act_min, p->act_max);
}
