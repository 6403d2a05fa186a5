/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_line_s8__sdot.c: depthwise convolution of one dimension. */
#include "c/ew_layout.h"
#include "sdot/ew_depthwise__sdot.h"
#include "sdot/ew_kernels__sdot.h"

/* Positions of a line, four of which are interleaved to one SDOT lane.
 * x: [fours of positions][channels][4]. w: blocks of 16 channels, each bias int32; for each of `fours` fours that the
 * windows of four outputs reach, and each of these outputs, [16][4] weights; half of mult int32. y:
 * [outputs][channels]. The scaled sums must lie in int16 (zero point included). */
typedef struct {
    const int8_t *x, *w;
    int8_t *y;
    uint64_t channels, outputs, fours;
    int32_t zero[16]; /* y_zero in each */
    int8_t min[16], max[16];
} ew_depthwise_line_t;
EW_LAYOUT(ew_depthwise_line_t, 9, x, 0, w, 8, y, 16, channels, 24, outputs, 32, fours, 40, zero, 48, min, 112, max,
          128);

void ew_depthwise_line__sdot(const ew_depthwise_line_t *line);
void ew_depthwise_line_clamped__sdot(const ew_depthwise_line_t *line);

/* Position i, or what stands outside of the input. */
static const int8_t *position(const ew_conv_s8_t *p, const int8_t *x, int32_t i, const int8_t *outside)
{
    return i < 0 || i >= p->in_w ? outside : x + (uint32_t)i * p->in_c;
}

void ew_depthwise_line_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t channels = p->in_c, fours = (p->k_w + 6u) / 4, all = (p->out_w + 3u) / 4 + fours - 1;
    int8_t *const interleaved = (int8_t *)scratch, *const outside = interleaved + 4 * all * channels;
    ew_depthwise_line_t line = {
        .x = interleaved, .w = p->w, .y = y, .channels = channels, .outputs = p->out_w, .fours = fours};
    memset(outside, p->x_zero, channels);
    for (uint32_t i = 0; i < all; i++) {
        const int32_t first = (int32_t)(4 * i) - p->pad_left;
        ew_interleave__sdot(position(p, x, first, outside), position(p, x, first + 1, outside),
                            position(p, x, first + 2, outside), position(p, x, first + 3, outside),
                            interleaved + 4 * i * channels, channels);
    }
    for (int i = 0; i < 16; i++) {
        line.zero[i] = p->y_zero;
    }
    memset(line.min, p->act_min, sizeof line.min);
    memset(line.max, p->act_max, sizeof line.max);
    (ew_depthwise_clamps(p) ? ew_depthwise_line_clamped__sdot : ew_depthwise_line__sdot)(&line);
}
