/* SPDX-License-Identifier: Apache-2.0 */
/* ew_window__mve.h: windows of the input, copied into consecutive bytes for the matrix core. */
#ifndef EW_WINDOW__MVE_H
#define EW_WINDOW__MVE_H

#include <stdint.h>

#include "ew_kernels.h"

/* `rows` input rows from `row` on, row_step rows apart, and k_w taps in each from `column` on. */
typedef struct {
    int32_t row, row_step;
    uint32_t rows;
    int32_t column;
} ew_window__mve_t;

/* What the window sees: to [rows][k_w][in_c], x_zero outside the input. */
void ew_window_copy__mve(const ew_conv_s8_t *p, const int8_t *x, const ew_window__mve_t *window, int8_t *to);

#endif
