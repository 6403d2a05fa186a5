/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_w16_s8__dsp.c: convolution of groups 1 with any window, stride, dilation and padding.
 *
 * w: the 16-bit weight stream of ew_gemm_px4__dsp.S over the runs of a window (its rows when dilation_w is 1, else its
 * taps), with bias and multipliers inside; bias and mult are not read. scratch: 16 * ew_gemm_kpairs(runs, length)
 * bytes, the widened windows; behind them the padded input if that is 1,024 bytes or less, else four runs of length
 * bytes rounded up to 4; nothing when there is no padding. shift must be 0. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_conv_driver__dsp.h"

void ew_conv_w16_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_conv_driver__dsp(p, x, y, (uint32_t *)scratch, &ew_gemm_w16__dsp);
}
