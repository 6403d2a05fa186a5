/* SPDX-License-Identifier: Apache-2.0 */
/* ew_max_pool_s8__dsp.c: maximum pooling of 4 channels or more, four at a time. No scratch. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_pool_driver__dsp.h"

static void largest_of_window(const ew_pool_s8_t *p, const ew_pool_seen__dsp_t *seen, const int8_t *x, int8_t *y)
{
    const uint32_t low = ew_four_bytes(p->act_min), high = ew_four_bytes(p->act_max);
    const uint32_t col_step = seen->col_step, row_step = seen->row_step - seen->cols * col_step;
    for (int32_t c = 0; c < p->channels; c += 4) {
        const int32_t at = c + 4 <= p->channels ? c : p->channels - 4;
        const int8_t *from = x + at;
        uint32_t largest = low; /* the lower bound comes first, the upper one last */
        for (uint32_t i = seen->rows; i; i--, from += row_step) {
            for (uint32_t j = seen->cols; j; j--, from += col_step) {
                largest = ew_max_s8x4(largest, ew_load_s8x4(from));
            }
        }
        ew_store_s8x4(y + at, ew_min_s8x4(largest, high));
    }
}

void ew_max_pool_s8__dsp(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    (void)scratch;
    ew_pool_driver__dsp(p, x, y, largest_of_window);
}
