/* SPDX-License-Identifier: Apache-2.0 */
/* ew_kernels__dsp.h: the bodies for the DSP instructions of Armv6, Armv7E-M and Armv8-M. Contracts: ew_kernels.h;
 * packing: edgewright/kernels/dsp. */
#ifndef EW_KERNELS__DSP_H
#define EW_KERNELS__DSP_H

#include "ew_kernels.h"

#ifndef __ARM_FEATURE_SIMD32
#error "these kernels need DSP instructions: give the compiler -mcpu=cortex-m4 or another core that has them"
#endif

#ifdef __cplusplus
extern "C" {
#endif

void ew_add_broadcast_s8__dsp(const ew_add_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y,
                              void *scratch);
void ew_add_s8__dsp(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_avg_pool_s8__dsp(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_1x1_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_1x1_w16_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_1x1_w4_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_w16_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_w4_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_winograd_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_3x3_any_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_3x3_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_3x3_tall_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_5x5_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_s8__dsp(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_w4_s8__dsp(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_lut_s8__dsp(const ew_lut_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_max_pool_s8__dsp(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_mul_broadcast_s8__dsp(const ew_mul_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y,
                              void *scratch);
void ew_mul_s8__dsp(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
