/* SPDX-License-Identifier: Apache-2.0 */
/* ew_mul_s8__dsp.c: product of two values of one shape. shift must be 0. y may be a or b. No scratch. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_rows__dsp.h"

void ew_mul_s8__dsp(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    (void)scratch;
    ew_mul_row__dsp(a, b, y, p, p->n);
    ew_clamp__dsp(y, p->n, p->act_min, p->act_max);
}
