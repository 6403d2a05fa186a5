/* SPDX-License-Identifier: Apache-2.0 */
/* ew_kernels__mve.h: the bodies for MVE (Armv8.1-M). Contracts: ew_kernels.h; packing: edgewright/kernels/mve. */
#ifndef EW_KERNELS__MVE_H
#define EW_KERNELS__MVE_H

#include "c/ew_layout.h"
#include "ew_kernels.h"

#if !defined(__ARM_FEATURE_MVE) && !defined(__SOFTFP__)
#error "these kernels need MVE: give the compiler -mcpu=cortex-m55 or another core that has it"
#endif

/* Where assembly reads their fields. */
EW_LAYOUT(ew_add_s8_t, 7, a_mult, 0, b_mult, 4, offset, 8, n, 12, shift, 16, act_min, 17, act_max, 18);
EW_LAYOUT(ew_mul_s8_t, 8, mult, 0, n, 4, shift, 8, a_zero, 9, b_zero, 10, y_zero, 11, act_min, 12, act_max, 13);
EW_LAYOUT(ew_lut_s8_t, 2, table, 0, n, 4);
EW_LAYOUT(ew_conv_s8_t, 9, w, 0, bias, 4, mult, 8, in_c, 16, k_h, 24, k_w, 26, y_zero, 40, act_min, 41, act_max, 42);

#ifdef __cplusplus
extern "C" {
#endif

void ew_add_rows_s8__mve(const ew_add_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_add_s8__mve(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_avg_pool_s8__mve(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_columns16_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_columns_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_direct_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_windows_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_line_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_pairs_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_stride2_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_whole_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_rows_s8__mve(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_s8__mve(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_w4_s8__mve(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_lut_s8__mve(const ew_lut_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_max_pool_s8__mve(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_mul_rows_s8__mve(const ew_mul_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_mul_s8__mve(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_reduce_sum_s8__mve(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
