/* SPDX-License-Identifier: Apache-2.0 */
/* ew_rows__dsp.h: element-wise assembly, see ew_add_row__dsp.S, ew_mul_row__dsp.S and ew_lut_row__dsp.S. */
#ifndef EW_ROWS__DSP_H
#define EW_ROWS__DSP_H

#include "c/ew_layout.h"
#include "ew_kernels.h"
#include "ew_simd__dsp.h"

/* Where assembly reads their fields. */
EW_LAYOUT(ew_add_s8_t, 4, a_mult, 0, b_mult, 4, offset, 8, shift, 16);
EW_LAYOUT(ew_mul_s8_t, 4, mult, 0, a_zero, 9, b_zero, 10, y_zero, 11);

void ew_add_row__dsp(const int8_t *a, const int8_t *b, int8_t *y, const ew_add_s8_t *p, uint32_t n);
void ew_mul_row__dsp(const int8_t *a, const int8_t *b, int8_t *y, const ew_mul_s8_t *p, uint32_t n);
void ew_lut_row__dsp(const int8_t *zero, const int8_t *x, int8_t *y, uint32_t n);

#endif
