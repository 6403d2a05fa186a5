/* SPDX-License-Identifier: Apache-2.0 */
/* ew_kernels__sdot.h: the bodies for SDOT (AArch64). Contracts: ew_kernels.h; packing: edgewright/kernels/sdot. */
#ifndef EW_KERNELS__SDOT_H
#define EW_KERNELS__SDOT_H

#include "ew_kernels.h"

#ifndef __aarch64__
#error "these kernels need AArch64: take a compiler for 64-bit Arm"
#endif

#ifdef __cplusplus
extern "C" {
#endif

void ew_add_s8__sdot(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_conv_1x1_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_3x3x3_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_3x3_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_3x3s2_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_line_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_s8__sdot(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
