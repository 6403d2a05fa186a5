/* ew_window_s8.h: windows of the input, copied into consecutive bytes for the matrix core. */
#ifndef EW_MVE_WINDOW_S8_H
#define EW_MVE_WINDOW_S8_H

#include <stdint.h>

#include "ew_kernels.h"

/* What k_w taps starting at input column `col` see in `rows` input rows from `row` on, row_step rows apart:
 *   to [rows][k_w][in_c], x_zero outside the input. */
void ew_window_rows_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int32_t row, int32_t row_step, uint32_t rows,
                            int32_t col, int8_t *to);

#endif
