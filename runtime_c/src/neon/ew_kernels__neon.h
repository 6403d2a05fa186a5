/* SPDX-License-Identifier: Apache-2.0 */
/* ew_kernels__neon.h: the bodies for base NEON (AArch64). Contracts: ew_kernels.h; packing: edgewright/kernels/neon. */
#ifndef EW_KERNELS__NEON_H
#define EW_KERNELS__NEON_H

#include "ew_kernels.h"

#ifndef __aarch64__
#error "these kernels need AArch64: take a compiler for 64-bit Arm"
#endif

#ifdef __cplusplus
extern "C" {
#endif

void ew_add_s8__neon(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_avg_pool_s8__neon(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_1x1_s8__neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_s8__neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_winograd_s8__neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_s8__neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_s8__neon(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_lut_s8__neon(const ew_lut_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_max_pool_s8__neon(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_mul_s8__neon(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_reduce_sum_s8__neon(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
