/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_s8.c: fully connected layers, four outputs at a time. */
#include "ew_dot.h"
#include "ew_kernels.h"
#include "ew_output.h"

void ew_fc_s8(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const uint32_t n = p->in_features;
    const uint32_t outputs = p->out_features;
    (void)scratch;
    for (uint32_t r = 0; r < p->rows; r++, x += n, y += outputs) {
        const int8_t *w = (const int8_t *)p->w;
        uint32_t o = 0;
        for (; o + 4 <= outputs; o += 4, w += 4 * n) {
            int32_t acc[4] = {p->bias[o], p->bias[o + 1], p->bias[o + 2], p->bias[o + 3]};
            ew_dot_1x4(x, w, n, n, acc);
            for (uint32_t k = 0; k < 4; k++) {
                y[o + k] = ew_output_s8(to, acc[k], p->mult[o + k]);
            }
        }
        for (; o < outputs; o++, w += n) {
            y[o] = ew_output_s8(to, p->bias[o] + ew_dot_1x1(x, w, n), p->mult[o]);
        }
    }
}
