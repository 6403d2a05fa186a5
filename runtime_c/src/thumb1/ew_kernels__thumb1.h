/* SPDX-License-Identifier: Apache-2.0 */
/* ew_kernels__thumb1.h: the bodies for Armv6-M. Contracts: ew_kernels.h; packing: edgewright/kernels/thumb1. */
#ifndef EW_KERNELS__THUMB1_H
#define EW_KERNELS__THUMB1_H

#include "ew_kernels.h"

#ifndef __thumb__
#error "these kernels need Thumb: give the compiler -mthumb and the -mcpu of a Cortex-M"
#endif

#ifdef __cplusplus
extern "C" {
#endif

void ew_conv_s8__thumb1(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_w4_s8__thumb1(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_s8__thumb1(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_s8__thumb1(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_w4_s8__thumb1(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
