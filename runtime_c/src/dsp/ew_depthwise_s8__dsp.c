/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_s8__dsp.c: depthwise convolution with any window, stride, dilation and padding, multiplier 1.
 *
 * w: as ew_dw_px__dsp.S reads it, with bias and multipliers inside; bias and mult are not read.
 * scratch: k_h * k_w * in_c bytes when there is padding, a window at the edge.
 * shift must be 0, in_c 4 or more. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_depthwise_driver__dsp.h"

void ew_depthwise_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_depthwise_driver__dsp(p, x, y, (int8_t *)scratch, ew_dw_px__dsp);
}
