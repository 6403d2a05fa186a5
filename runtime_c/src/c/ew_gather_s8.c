/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gather_s8.c: slices at constant indices of an axis. */
#include <string.h>

#include "ew_kernels.h"

void ew_gather_s8(const ew_gather_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    (void)scratch;
    for (uint32_t o = 0; o < p->outer; o++, x += p->n * p->inner) {
        for (uint32_t j = 0; j < p->count; j++, y += p->inner) {
            memcpy(y, x + p->indices[j] * p->inner, p->inner);
        }
    }
}
