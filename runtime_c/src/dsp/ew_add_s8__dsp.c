/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_s8__dsp.c: sum of two values of one shape. y may be a or b. No scratch.
 * Bounds: as for ew_add_s8, proven by the compiler; the saturation to int8 comes before the activation range. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_rows__dsp.h"

void ew_add_s8__dsp(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    (void)scratch;
    ew_add_row__dsp(a, b, y, p, p->n);
    ew_clamp__dsp(y, p->n, p->act_min, p->act_max);
}
