/* SPDX-License-Identifier: Apache-2.0 */
/* ew_resize_linear_s8.c: bilinear resizing by tables of indices and weights. */
#include "ew_kernels.h"

#define ONE 2048 /* a weight of 1 */

void ew_resize_linear_s8(const ew_resize_linear_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int32_t row_elements = p->in_w * p->channels;
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        const int32_t row_weight = p->row_weight[r];
        const int8_t *top = x + p->row_index[r] * row_elements;
        const int8_t *low = row_weight ? top + row_elements : top;
        for (int32_t q = 0; q < p->out_w; q++) {
            const int32_t col_weight = p->col_weight[q];
            const int32_t left = p->col_index[q] * p->channels;
            const int32_t right = col_weight ? left + p->channels : left;
            for (int32_t c = 0; c < p->channels; c++) {
                const int32_t above = top[left + c] * (ONE - col_weight) + top[right + c] * col_weight;
                const int32_t below = low[left + c] * (ONE - col_weight) + low[right + c] * col_weight;
                *y++ = (int8_t)((above * (ONE - row_weight) + below * row_weight + (1 << 21)) >> 22);
            }
        }
    }
}
