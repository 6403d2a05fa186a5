/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_3x3_tall_s8__dsp.c: depthwise 3x3 convolution of stride 1, dilation 1, any padding and channel
 * multiplier, narrow and tall.
 *
 * w: a record for each output channel, see ew_dw3x3_planes__dsp.S, bias and multiplier inside; bias and mult are not
 * read. scratch: 256 * (out_w + 2) bytes, planes for bands of 30 output rows. shift must be 0, in_c 4 or more. y may be
 * x when their shapes are equal. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_dw_planes__dsp.h"

static const ew_dw_planes__dsp_t PLANES = {3, 16, 5, ew_dw3x3_16__dsp, ew_dw_widen_16__dsp};

void ew_depthwise_3x3_tall_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_dw_planes__dsp(p, x, y, (uint32_t *)scratch, &PLANES);
}
