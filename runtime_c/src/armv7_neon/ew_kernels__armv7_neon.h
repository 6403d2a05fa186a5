/* SPDX-License-Identifier: Apache-2.0 */
/* ew_kernels__armv7_neon.h: the bodies for NEON of Armv7-A. Contracts: ew_kernels.h; packing:
 * edgewright/kernels/armv7_neon. */
#ifndef EW_KERNELS__ARMV7_NEON_H
#define EW_KERNELS__ARMV7_NEON_H

#include "ew_kernels.h"

#ifndef __ARM_NEON
#error "these kernels need NEON: give the compiler -mfpu=neon-vfpv4 or a -mcpu that has it"
#endif

#ifdef __cplusplus
extern "C" {
#endif

void ew_add_s8__armv7_neon(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_conv_1x1_s8__armv7_neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_conv_s8__armv7_neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_depthwise_s8__armv7_neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_fc_s8__armv7_neon(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_reduce_sum_s8__armv7_neon(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
