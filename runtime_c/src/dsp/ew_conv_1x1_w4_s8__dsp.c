/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_1x1_w4_s8__dsp.c: 1x1 convolution of stride 1 without padding, 4-bit weights, four output channels or more.
 *
 * w: the stream of ew_gemm_w4_px4__dsp.S; bias, mult and shift are not read, they are inside. scratch: 16 *
 * ew_gemm_kpairs(1, in_c) bytes. y may begin where x does when out_c <= in_c: four pixels are read before they are
 * written. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_conv_driver__dsp.h"
#include "ew_gemm_w4__dsp.h"

void ew_conv_1x1_w4_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_conv_1x1_driver__dsp(p, x, y, (uint32_t *)scratch, &ew_gemm_w4__dsp);
}
