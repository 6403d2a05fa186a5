/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_w4_s8__dsp.c: fully connected with 4-bit weights, four outputs at a time; out_features 4 or more.
 *
 * w: records of ew_gemm_w4_px4__dsp.S over the K pairs of a row, which zeros fill up to a multiple of 4; when
 * out_features is no multiple of 4, the last record holds the last four outputs, some of them once more. bias and mult
 * are not read. shift: packing has shown that the sums do not saturate. scratch: 16 * ceil(in_features / 8) bytes, one
 * widened row. y may begin where x does when rows == 1. */
#include "dsp/ew_kernels__dsp.h"
#include "ew_gemm_w4__dsp.h"

/* One row as pairs of int16, zeros behind it; result: 8 times its sum. */
static int32_t widen_row(const int8_t *x, uint32_t n, uint32_t *a, const uint32_t *a_end)
{
    int32_t sum = 0;
    for (; n >= 4; n -= 4, x += 4) {
        const uint32_t four = ew_load_s8x4(x), even = ew_sxtb16(four), odd = ew_sxtb16_odd(four);
        *a++ = even;
        *a++ = odd;
        sum = ew_sum_s16x2(odd, ew_sum_s16x2(even, sum));
    }
    for (; a != a_end; n = n > 2 ? n - 2 : 0, x += 2) {
        const int32_t first = n > 0 ? x[0] : 0, second = n > 1 ? x[1] : 0;
        *a++ = ew_pack_low((uint32_t)first, (uint32_t)second);
        sum += first + second;
    }
    return 8 * sum;
}

void ew_fc_w4_s8__dsp(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    uint32_t *a = (uint32_t *)scratch;
    const uint32_t kpairs = (p->in_features + 7) / 8 * 4, outputs = p->out_features, record = kpairs + 8;
    const uint32_t *whole = (const uint32_t *)p->w + outputs / 4 * record;
    ew_fc4_w4__dsp_t f = {0, 0, p->y_zero, a, 0, a + kpairs, p->shift, 0};
    int8_t *row = y;
    for (uint32_t left = p->rows; left; left--, x += p->in_features, row += outputs) {
        f.a8 = widen_row(x, p->in_features, a, f.a_end);
        f.w = (const uint32_t *)p->w;
        f.w_end = whole;
        f.y = row;
        ew_fc4_w4__dsp(&f);
        if (outputs % 4) {
            f.w = whole;
            f.w_end = whole + record;
            f.y = row + outputs - 4;
            ew_fc4_w4__dsp(&f);
        }
    }
    ew_clamp__dsp(y, p->rows * outputs, p->act_min, p->act_max);
}
