/* ew_depthwise_3x3_s2_s8__dsp.c: depthwise 3x3 convolution of stride 2 in both directions, dilation 1, any padding and
 * channel multiplier.
 *
 * w: a record for each output channel, see ew_dw3x3_rows_dsp.S, with bias and multiplier inside; bias and mult are not
 *    read.
 * scratch: 8 * min(in_c, 4) * ((out_w - 1) * 2 + 3) bytes, two plane words for each column of four channels.
 * shift must be 0. y may be x when their shapes are equal: of four channels, rows are read before they are written. */
#include "ew_dw3x3_dsp.h"

void ew_depthwise_3x3_s2_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_dw3x3_dsp(p, x, y, scratch, ew_dw3x3_s2_dsp);
}
