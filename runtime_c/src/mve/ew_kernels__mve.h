/* SPDX-License-Identifier: Apache-2.0 */
/* ew_kernels__mve.h: the bodies for MVE (Armv8.1-M). Contracts: ew_kernels.h; packing: edgewright/kernels/mve. */
#ifndef EW_KERNELS__MVE_H
#define EW_KERNELS__MVE_H

#include "ew_kernels.h"

/* Where assembly reads their fields. */
EW_LAYOUT(ew_add_s8_t, offsetof(ew_add_s8_t, a_mult) == 0 && offsetof(ew_add_s8_t, b_mult) == 4 &&
                           offsetof(ew_add_s8_t, offset) == 8 && offsetof(ew_add_s8_t, n) == 12 &&
                           offsetof(ew_add_s8_t, shift) == 16 && offsetof(ew_add_s8_t, act_min) == 17 &&
                           offsetof(ew_add_s8_t, act_max) == 18);
EW_LAYOUT(ew_mul_s8_t, offsetof(ew_mul_s8_t, mult) == 0 && offsetof(ew_mul_s8_t, n) == 4 &&
                           offsetof(ew_mul_s8_t, shift) == 8 && offsetof(ew_mul_s8_t, a_zero) == 9 &&
                           offsetof(ew_mul_s8_t, b_zero) == 10 && offsetof(ew_mul_s8_t, y_zero) == 11 &&
                           offsetof(ew_mul_s8_t, act_min) == 12 && offsetof(ew_mul_s8_t, act_max) == 13);
EW_LAYOUT(ew_lut_s8_t, offsetof(ew_lut_s8_t, table) == 0 && offsetof(ew_lut_s8_t, n) == 4);
EW_LAYOUT(ew_conv_s8_t, offsetof(ew_conv_s8_t, w) == 0 && offsetof(ew_conv_s8_t, bias) == 4 &&
                            offsetof(ew_conv_s8_t, mult) == 8 && offsetof(ew_conv_s8_t, in_c) == 16 &&
                            offsetof(ew_conv_s8_t, k_h) == 24 && offsetof(ew_conv_s8_t, k_w) == 26 &&
                            offsetof(ew_conv_s8_t, y_zero) == 40 && offsetof(ew_conv_s8_t, act_min) == 41 &&
                            offsetof(ew_conv_s8_t, act_max) == 42);

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
void ew_lut_s8__mve(const ew_lut_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_max_pool_s8__mve(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_mul_rows_s8__mve(const ew_mul_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_mul_s8__mve(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_reduce_sum_s8__mve(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
