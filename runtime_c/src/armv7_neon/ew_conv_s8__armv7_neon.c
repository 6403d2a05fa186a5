/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_s8__armv7_neon.c: convolution of one group, laid out by ew_conv_rows.h; w as ew_gemm__armv7_neon reads it,
 * with bias and mult. */
/* -Os does not unroll the copies. */
#pragma GCC optimize("O3")

#include "advsimd/ew_conv_rows.h"
#include "armv7_neon/ew_kernels__armv7_neon.h"

void ew_conv_s8__armv7_neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_conv_rows(ew_gemm__armv7_neon, p, x, y, scratch);
}
