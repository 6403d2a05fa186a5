/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_s8.c: depthwise convolution, four channels at a time through pointers to the taps. */
#include "ew_kernels.h"
#include "ew_output.h"
#include "ew_taps.h"

/* acc[k] += sum over the taps of tap[k] * w[k], four channels from `channel` on; w [taps][pitch].
 * Bounds: the compiler proves |bias| + 128 * sum |w| < 2^31 for every output channel. */
static void four_channels(const int8_t *const *taps, const int8_t *const *end, int32_t channel, const int8_t *w,
                          int32_t pitch, int32_t acc[4])
{
    int32_t a = acc[0], b = acc[1], c = acc[2], d = acc[3];
    for (; taps != end; taps++, w += pitch) {
        const int8_t *seen = *taps + channel;
        a += seen[0] * w[0];
        b += seen[1] * w[1];
        c += seen[2] * w[2];
        d += seen[3] * w[3];
    }
    acc[0] = a;
    acc[1] = b;
    acc[2] = c;
    acc[3] = d;
}

/* All channels of one position. */
static void one_position(const ew_conv_s8_t *p, const int8_t *const *taps, int8_t *y)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const int8_t *const *const end = taps + p->k_h * p->k_w;
    const int8_t *const w = (const int8_t *)p->w;
    const int32_t out_c = p->out_c;
    const int32_t multiplier = out_c / p->in_c;
    const int32_t *const bias = p->bias;
    const int32_t *const mult = p->mult;
    int32_t o = 0;
    for (; multiplier == 1 && o + 4 <= out_c; o += 4) {
        int32_t acc[4] = {bias[o], bias[o + 1], bias[o + 2], bias[o + 3]};
        four_channels(taps, end, o, w + o, out_c, acc);
        for (int32_t k = 0; k < 4; k++) {
            y[o + k] = ew_output_s8(to, acc[k], mult[o + k]);
        }
    }
    for (; o < out_c; o++) {
        const int8_t *wo = w + o;
        const int32_t c = o / multiplier;
        int32_t acc = bias[o];
        for (const int8_t *const *tap = taps; tap != end; tap++, wo += out_c) {
            acc += (*tap)[c] * *wo;
        }
        y[o] = ew_output_s8(to, acc, mult[o]);
    }
}

void ew_depthwise_s8(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int8_t **const taps = (const int8_t **)scratch;
    int8_t *const outside = (int8_t *)(taps + p->k_h * p->k_w);
    for (int32_t c = 0; c < p->in_c; c++) {
        outside[c] = p->x_zero;
    }
    for (int32_t r = 0; r < p->out_h; r++) {
        int inside = 0;
        for (int32_t q = 0; q < p->out_w; q++, y += p->out_c) {
            inside = ew_taps_next(p, x, outside, r, q, taps, 1, inside);
            one_position(p, taps, y);
        }
    }
}
