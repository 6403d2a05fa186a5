/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_1x1_s8__dsp.c: 1x1 convolution of stride 1 without padding, any channels, any number of pixels.
 *
 * w: the pair-weight stream of ew_gemm_px4__dsp.S, with bias and multipliers inside; bias and mult are not read.
 * scratch: 16 * ew_gemm_kpairs(1, in_c) bytes, the widened input of four pixels.
 * shift must be 0. y may begin where x does when out_c <= in_c: four pixels are read before they are written. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_conv_driver__dsp.h"

void ew_conv_1x1_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_conv_1x1_driver__dsp(p, x, y, (uint32_t *)scratch, &ew_gemm_pair__dsp);
}
