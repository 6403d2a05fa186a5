/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_w4_s8__dsp.c: convolution of groups 1 with any window, 4-bit weights, four output channels or more.
 *
 * w: the stream of ew_gemm_w4_px4__dsp.S over the runs of a window; bias, mult and shift are not read, they are inside.
 * scratch: as ew_conv_w16_s8__dsp. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_conv_driver__dsp.h"
#include "ew_gemm_w4__dsp.h"

void ew_conv_w4_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_conv_driver__dsp(p, x, y, (uint32_t *)scratch, &ew_gemm_w4__dsp);
}
