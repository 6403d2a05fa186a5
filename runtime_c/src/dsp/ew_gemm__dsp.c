/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__dsp.c: what the cores of all forms of weights share: channels without a partner, single pixels. */
#include "ew_gemm__dsp.h"

/* A single is a pair whose second channel is all zeros: it is computed beside the output, and the first channel is
 * copied from there. */
void ew_gemm_singles__dsp(const ew_gemm__dsp_t *g, const uint32_t *singles, int8_t *y, ew_gemm__dsp_fn *core,
                          uint32_t pixels)
{
    ew_gemm__dsp_t alone = *g;
    int8_t beside[4 * 2];
    alone.px_stride = 2;
    for (uint32_t count = *singles++; count; count--) {
        int8_t *to = y + *singles;
        alone.w = singles + 1;
        singles = core(&alone, beside);
        for (uint32_t i = 0; i < pixels; i++, to += g->px_stride) {
            *to = beside[2 * i];
        }
    }
}

uint32_t *ew_widen_px1__dsp(const int8_t *x, uint32_t length, uint32_t *d, ew_half_s16_t *rest)
{
    for (; length >= 4; length -= 4, x += 4, d += 2) {
        const uint32_t four = ew_load_s8x4(x);
        d[0] = ew_sxtb16(four);
        d[1] = ew_sxtb16_odd(four);
    }
    for (; length; length--) {
        *rest++ = *x++;
    }
    return d;
}
