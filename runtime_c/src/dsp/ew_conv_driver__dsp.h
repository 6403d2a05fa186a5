/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_driver__dsp.h: convolutions whose weights come in one of the forms of ew_gemm_px4__dsp.S.
 *
 * p->w: the weight stream of that form, bias and multipliers inside; p->bias and p->mult are not read. p->shift must
 * be 0. `a` is the scratch memory; the kernels that call these functions state its size. */
#ifndef EW_CONV_DRIVER__DSP_H
#define EW_CONV_DRIVER__DSP_H

#include "ew_gemm__dsp.h"
#include "ew_kernels.h"

/* 1x1, stride 1, no padding, groups 1. */
void ew_conv_1x1_driver__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, uint32_t *a,
                             const ew_gemm_core__dsp_t *core);

/* Any window, stride, dilation and padding, groups 1. */
void ew_conv_driver__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, uint32_t *a,
                         const ew_gemm_core__dsp_t *core);

#endif
