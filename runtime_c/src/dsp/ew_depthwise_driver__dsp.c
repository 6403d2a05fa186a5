/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_driver__dsp.c: windows of all channels in rows that touch no padding, the others through a patch. */
#include "ew_depthwise_driver__dsp.h"

/* A window of all channels, with x_zero outside the input. */
static void complete(const ew_conv_s8_t *p, const int8_t *x, int32_t row, int32_t col, int8_t *patch)
{
    const uint32_t zeros = ew_four_bytes(p->x_zero);
    const int32_t in_c = p->in_c, taps = p->dilation_w == 1 ? p->k_w : 1; /* taps that stand together in x */
    for (int32_t i = 0; i < p->k_h; i++, row += p->dilation_h) {
        const int row_is_inside = row >= 0 && row < p->in_h;
        for (int32_t j = 0; j < p->k_w; j += taps) {
            const int32_t at = col + j * p->dilation_w;
            const int32_t before = at < 0 ? (at + taps > 0 ? -at : taps) : 0;
            const int32_t seen = row_is_inside ? (at + taps > p->in_w ? p->in_w - at : taps) - before : 0;
            if (seen > 0) {
                patch = ew_fill__dsp(patch, zeros, before * in_c);
                patch = ew_copy__dsp(patch, x + (row * p->in_w + at + before) * in_c, seen * in_c);
                patch = ew_fill__dsp(patch, zeros, (taps - before - seen) * in_c);
            } else {
                patch = ew_fill__dsp(patch, zeros, taps * in_c);
            }
        }
    }
}

/* Number of outputs from `first` on, `all` at the most, whose windows end before `size`. */
static int32_t inside_count(int32_t first, int32_t all, int32_t stride, int32_t pad, int32_t span, int32_t size)
{
    const int32_t fitting = size - span + pad < 0 ? 0 : (size - span + pad) / stride + 1;
    const int32_t end = fitting < all ? fitting : all;
    return end > first ? end - first : 0;
}

void ew_depthwise_driver__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, int8_t *patch,
                              ew_dw_px__dsp_fn *window)
{
    const uint32_t in_c = p->in_c, row_bytes = p->in_w * in_c;
    const int32_t span_h = (p->k_h - 1) * p->dilation_h + 1, span_w = (p->k_w - 1) * p->dilation_w + 1;
    const int upright = p->k_w == 1; /* a column of taps is one row of them */
    const uint32_t taps = upright ? p->k_h : p->k_w;
    const ew_dw_px__dsp_t inner = {p->y_zero,
                                   0,
                                   0,
                                   p->stride_w * in_c,
                                   (const uint32_t *)p->w,
                                   in_c / 4,
                                   (4 - in_c % 4) % 4,
                                   1,
                                   upright ? p->dilation_h * row_bytes : p->dilation_w * in_c,
                                   p->dilation_h * row_bytes,
                                   upright ? 1u : p->k_h,
                                   taps / 2,
                                   taps % 2};
    ew_dw_px__dsp_t edge = inner;
    const int32_t first = (p->pad_left + p->stride_w - 1) / p->stride_w;
    const int32_t count = inside_count(first, p->out_w, p->stride_w, p->pad_left, span_w, p->in_w);
    edge.tap_step = in_c;
    edge.row_step = in_c * p->k_w;
    for (int32_t r = 0; r < p->out_h; r++) {
        const int32_t row = r * p->stride_h - p->pad_top;
        const int row_inside = row >= 0 && row + span_h <= p->in_h;
        for (int32_t q = 0; q < p->out_w;) {
            const int32_t col = q * p->stride_w - p->pad_left;
            ew_dw_px__dsp_t s = edge;
            if (row_inside && count && q == first) {
                s = inner;
                s.x = x + row * (int32_t)row_bytes + col * (int32_t)in_c;
                s.pixels = (uint32_t)count;
            } else {
                complete(p, x, row, col, patch);
                s.x = patch;
            }
            s.y = y;
            window(&s);
            y += s.pixels * in_c;
            q += (int32_t)s.pixels;
        }
    }
    const uint32_t all = (uint32_t)p->out_h * p->out_w * in_c;
    ew_clamp__dsp(y - all, all, p->act_min, p->act_max);
}
