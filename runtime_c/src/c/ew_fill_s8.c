/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fill_s8.c: one value everywhere. */
#include <string.h>

#include "ew_kernels.h"

void ew_fill_s8(const ew_fill_s8_t *p, int8_t *y, void *scratch)
{
    (void)scratch;
    memset(y, p->value, p->n);
}
