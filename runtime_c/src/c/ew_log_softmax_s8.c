/* SPDX-License-Identifier: Apache-2.0 */
/* ew_log_softmax_s8.c: log-softmax along an axis, with an integer logarithm. */
#include "ew_fixed_point.h"
#include "ew_kernels.h"

/* 2^16 * log2(v), v >= 1, rounded down: the integer part by normalising, each fraction bit by squaring. */
static int32_t log2_q16(uint32_t v)
{
    int32_t whole = 31;
    int32_t fraction = 0;
    while (v < 0x80000000u) {
        v <<= 1;
        whole--;
    }
    for (int bit = 0; bit < 16; bit++) {
        const uint64_t square = ((uint64_t)v * v) >> 31; /* in [1, 4) of 2^31 */
        const int carry = square >= ((uint64_t)1 << 32);
        v = (uint32_t)(carry ? square >> 1 : square);
        fraction = 2 * fraction + carry;
    }
    return whole * 65536 + fraction;
}

/* Log-softmax of one column: n values, `inner` apart. */
static void log_softmax_column(const ew_log_softmax_s8_t *p, const int8_t *x, int8_t *y)
{
    const uint32_t end = p->n * p->inner;
    int32_t max = -128;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < end; i += p->inner) {
        max = x[i] > max ? x[i] : max;
    }
    for (uint32_t i = 0; i < end; i += p->inner) {
        sum += p->exp_table[max - x[i]];
    }
    const int64_t log = (int64_t)(log2_q16(sum) - (16 << 16)) * p->log_mult;
    const int32_t offset = (int32_t)((log + (1 << 15)) >> 16) + ((int32_t)1 << (p->shift - 1));
    for (uint32_t i = 0; i < end; i += p->inner) {
        const int32_t below = ((max - x[i]) * p->x_mult + offset) >> p->shift;
        y[i] = (int8_t)ew_clamp_s32(p->y_zero - below, -128, 127);
    }
}

void ew_log_softmax_s8(const ew_log_softmax_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    (void)scratch;
    for (uint32_t o = 0; o < p->outer; o++, x += p->n * p->inner, y += p->n * p->inner) {
        for (uint32_t i = 0; i < p->inner; i++) {
            log_softmax_column(p, x + i, y + i);
        }
    }
}
