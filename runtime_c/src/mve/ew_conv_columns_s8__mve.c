/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_columns_s8__mve.c: convolution down its output columns; w: ew_columns__mve.h. */
#include "mve/ew_columns__mve.h"
#include "mve/ew_kernels__mve.h"

void ew_conv_columns_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_columns(p, x, y, scratch, ew_gemm__mve);
}
