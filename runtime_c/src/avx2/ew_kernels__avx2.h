/* SPDX-License-Identifier: Apache-2.0 */
/* ew_kernels__avx2.h: the bodies for AVX2. Contracts: ew_kernels.h; packing: edgewright/kernels/avx2. */
#ifndef EW_KERNELS__AVX2_H
#define EW_KERNELS__AVX2_H

#include "ew_kernels.h"

#ifndef __AVX2__
#error "these kernels need AVX2: give the compiler -mavx2"
#endif

#ifdef __cplusplus
extern "C" {
#endif

void ew_add_s8__avx2(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_avg_pool_s8__avx2(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_1x1_s8__avx2(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_s8__avx2(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_s8__avx2(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_s8__avx2(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
