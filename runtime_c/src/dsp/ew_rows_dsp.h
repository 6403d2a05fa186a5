/* ew_rows_dsp.h: element-wise assembly, see ew_add_row_dsp.S, ew_mul_row_dsp.S and ew_lut_row_dsp.S. */
#ifndef EW_ROWS_DSP_H
#define EW_ROWS_DSP_H

#include <stddef.h>

#include "ew_dsp.h"
#include "ew_kernels.h"

/* What the assembly takes for granted. */
typedef char ew_add_layout_dsp[offsetof(ew_add_s8_t, offset) == 8 && offsetof(ew_add_s8_t, shift) == 16 ? 1 : -1];
typedef char ew_mul_layout_dsp[offsetof(ew_mul_s8_t, a_zero) == 9 && offsetof(ew_mul_s8_t, y_zero) == 11 ? 1 : -1];

void ew_add_row_dsp(const int8_t *a, const int8_t *b, int8_t *y, const ew_add_s8_t *p, uint32_t n);
void ew_mul_row_dsp(const int8_t *a, const int8_t *b, int8_t *y, const ew_mul_s8_t *p, uint32_t n);
void ew_lut_row_dsp(const int8_t *zero, const int8_t *x, int8_t *y, uint32_t n);

#endif
