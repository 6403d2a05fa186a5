/* SPDX-License-Identifier: Apache-2.0 */
/* ew_matmul_s8.c: the product of two activations, four columns at a time. */
#include "ew_kernels.h"
#include "ew_output.h"

/* acc[k] += sum (a - a_zero) * b[k] of four columns of b [inner][cols].
 * Bounds: inner < 2^15 keeps 255 * 255 * inner inside int32, which covers b_zero as well. */
static void four_columns(const ew_matmul_s8_t *p, const int8_t *a, const int8_t *b, int32_t acc[4])
{
    const int32_t a_zero = p->a_zero;
    const uint32_t cols = p->cols;
    int32_t s = acc[0], t = acc[1], u = acc[2], v = acc[3];
    for (const int8_t *const end = a + p->inner; a != end; b += cols) {
        const int32_t centred = *a++ - a_zero;
        s += centred * b[0];
        t += centred * b[1];
        u += centred * b[2];
        v += centred * b[3];
    }
    acc[0] = s;
    acc[1] = t;
    acc[2] = u;
    acc[3] = v;
}

/* The same of one column. */
static int32_t one_column(const ew_matmul_s8_t *p, const int8_t *a, const int8_t *b)
{
    const int32_t a_zero = p->a_zero;
    const uint32_t cols = p->cols;
    int32_t acc = 0;
    for (const int8_t *const end = a + p->inner; a != end; b += cols) {
        acc += (*a++ - a_zero) * *b;
    }
    return acc;
}

/* One row of y. */
static void one_row(const ew_matmul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const int32_t mult = p->mult;
    const uint32_t cols = p->cols;
    int32_t sum = -(int32_t)p->inner * p->a_zero;
    for (uint32_t i = 0; i < p->inner; i++) {
        sum += a[i];
    }
    const int32_t start = -p->b_zero * sum; /* what b_zero contributes to every column */
    uint32_t c = 0;
    for (; c + 4 <= cols; c += 4) {
        int32_t acc[4] = {start, start, start, start};
        four_columns(p, a, b + c, acc);
        for (uint32_t k = 0; k < 4; k++) {
            y[c + k] = ew_output_s8(to, acc[k], mult);
        }
    }
    for (; c < cols; c++) {
        y[c] = ew_output_s8(to, start + one_column(p, a, b + c), mult);
    }
}

void ew_matmul_s8(const ew_matmul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    (void)scratch;
    for (uint32_t n = 0; n < p->batch; n++, a += p->a_stride, b += p->b_stride) {
        for (uint32_t r = 0; r < p->rows; r++, y += p->cols) {
            one_row(p, a + r * p->inner, b, y);
        }
    }
}
