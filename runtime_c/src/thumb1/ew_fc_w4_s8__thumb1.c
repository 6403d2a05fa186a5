/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_w4_s8__thumb1.c: fully connected with 4-bit weights, eight outputs at a time. */
#include "ew_cores_w4__thumb1.h"
#include "thumb1/ew_kernels__thumb1.h"

#define BLOCK 8u

/* x + 128 of n inputs; returns their sum. */
static int32_t raise_row(const int8_t *x, uint32_t n, uint8_t *to)
{
    int32_t sum = 0;
    for (const int8_t *const end = x + n; x != end;) {
        const uint8_t raised = (uint8_t)(*x++ + 128);
        sum += raised;
        *to++ = raised;
    }
    return sum;
}

/* w: the blocks of ew_fc8_w4__thumb1; outputs behind the last whole one are a block of their own, filled with zeros
 * and computed beside y. scratch: in_features bytes. */
void ew_fc_w4_s8__thumb1(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t n = p->in_features;
    const uint32_t rest = p->out_features % BLOCK;
    const uint32_t whole = p->out_features - rest;
    int8_t last[BLOCK];
    for (uint32_t r = 0; r < p->rows; r++, x += n, y += p->out_features) {
        const int32_t sum = raise_row(x, n, (uint8_t *)scratch);
        ew_fc8_w4__thumb1_t fc = {p->w,
                                  (const uint8_t *)scratch,
                                  (const uint8_t *)scratch + n,
                                  y,
                                  y + whole,
                                  -8 * sum,
                                  p->shift,
                                  ew_output__thumb1(p->y_zero, p->act_min, p->act_max)};
        if (whole) {
            ew_fc8_w4__thumb1(&fc);
        }
        if (rest) {
            fc.w = (const uint32_t *)p->w + whole / BLOCK * (2 * BLOCK + n);
            fc.y = last;
            fc.y_end = last + BLOCK;
            ew_fc8_w4__thumb1(&fc);
            for (uint32_t k = 0; k < rest; k++) {
                y[whole + k] = last[k];
            }
        }
    }
}
