/* SPDX-License-Identifier: Apache-2.0 */
/* ew_copy_s8.c: a strided copy in up to six dimensions, run by run. */
#include <string.h>

#include "ew_kernels.h"

#define LAST (EW_COPY_RANK - 1)

/* One run along the innermost dimension. */
static void copy_row(const ew_copy_s8_t *p, const int8_t *x, int8_t *y)
{
    const int32_t x_step = p->x_strides[LAST];
    const int32_t y_step = p->y_strides[LAST];
    if (x_step == 1 && y_step == 1) {
        memcpy(y, x, p->dims[LAST]);
        return;
    }
    for (uint32_t i = 0; i < p->dims[LAST]; i++, x += x_step, y += y_step) {
        *y = *x;
    }
}

void ew_copy_s8(const ew_copy_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    uint32_t index[LAST] = {0};
    int k;
    (void)scratch;
    x += p->x_offset;
    y += p->y_offset;
    do {
        copy_row(p, x, y);
        for (k = LAST - 1; k >= 0; k--) {
            x += p->x_strides[k];
            y += p->y_strides[k];
            if (++index[k] < p->dims[k]) {
                break;
            }
            index[k] = 0;
            x -= (int32_t)p->dims[k] * p->x_strides[k];
            y -= (int32_t)p->dims[k] * p->y_strides[k];
        }
    } while (k >= 0);
}
