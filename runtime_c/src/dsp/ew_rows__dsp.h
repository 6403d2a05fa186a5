/* SPDX-License-Identifier: Apache-2.0 */
/* ew_rows__dsp.h: element-wise assembly, see ew_add_row__dsp.S, ew_mul_row__dsp.S and ew_lut_row__dsp.S. */
#ifndef EW_ROWS__DSP_H
#define EW_ROWS__DSP_H

#include <stddef.h>

/* Where assembly reads their fields. */
EW_LAYOUT(ew_add_s8_t, offsetof(ew_add_s8_t, a_mult) == 0 && offsetof(ew_add_s8_t, b_mult) == 4 &&
                           offsetof(ew_add_s8_t, offset) == 8 && offsetof(ew_add_s8_t, shift) == 16);
EW_LAYOUT(ew_mul_s8_t, offsetof(ew_mul_s8_t, mult) == 0 && offsetof(ew_mul_s8_t, a_zero) == 9 &&
                           offsetof(ew_mul_s8_t, b_zero) == 10 && offsetof(ew_mul_s8_t, y_zero) == 11);

#include "ew_kernels.h"
#include "ew_simd__dsp.h"

/* What the assembly takes for granted. */
typedef char ew_add_layout__dsp[offsetof(ew_add_s8_t, offset) == 8 && offsetof(ew_add_s8_t, shift) == 16 ? 1 : -1];
typedef char ew_mul_layout__dsp[offsetof(ew_mul_s8_t, a_zero) == 9 && offsetof(ew_mul_s8_t, y_zero) == 11 ? 1 : -1];

void ew_add_row__dsp(const int8_t *a, const int8_t *b, int8_t *y, const ew_add_s8_t *p, uint32_t n);
void ew_mul_row__dsp(const int8_t *a, const int8_t *b, int8_t *y, const ew_mul_s8_t *p, uint32_t n);
void ew_lut_row__dsp(const int8_t *zero, const int8_t *x, int8_t *y, uint32_t n);

#endif
