/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_s8__thumb1.c: fully connected layers, four outputs at a time; w: ew_fc4__thumb1, with bias and mult. */
#include "ew_cores__thumb1.h"
#include "thumb1/ew_kernels__thumb1.h"

#define BLOCK 4u

static int32_t sum_of(const int8_t *x, uint32_t n)
{
    int32_t sum = 0;
    for (const int8_t *const end = x + n; x != end;) {
        sum += *x++;
    }
    return sum;
}

/* Outputs behind the last whole block are computed as a block of their own, beside y. */
void ew_fc_s8__thumb1(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t n = p->in_features;
    const uint32_t rest = p->out_features % BLOCK;
    const uint32_t whole = p->out_features - rest;
    const uint32_t block_bytes = BLOCK * (4 + 4 + n); /* biases, mults, weights */
    int8_t last[BLOCK];
    (void)scratch;
    for (uint32_t r = 0; r < p->rows; r++, x += n, y += p->out_features) {
        ew_fc4__thumb1_t fc = {
            p->w, x,         x + n / 4 * 4,       x + n,
            y,    y + whole, -128 * sum_of(x, n), ew_output__thumb1(p->y_zero, p->act_min, p->act_max)};
        if (whole) {
            ew_fc4__thumb1(&fc);
        }
        if (rest) {
            fc.w = (const int8_t *)p->w + whole / BLOCK * block_bytes;
            fc.y = last;
            fc.y_end = last + BLOCK;
            ew_fc4__thumb1(&fc);
            for (uint32_t k = 0; k < rest; k++) {
                y[whole + k] = last[k];
            }
        }
    }
}
