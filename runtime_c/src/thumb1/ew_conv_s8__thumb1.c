/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_s8__thumb1.c: convolution of one group, four positions times all outputs; w: ew_gemm_px4__thumb1, with bias
 * and mult. */
#include "c/ew_window.h"
#include "ew_cores__thumb1.h"
#include "thumb1/ew_kernels__thumb1.h"

#define LANES 4

/* `value` into every LANES-th word from `at` on; returns the place behind. */
static int32_t *fill(int32_t *at, int32_t value, int32_t n)
{
    int32_t *const end = at + LANES * n;
    for (; at != end; at += LANES) {
        *at = value;
    }
    return end;
}

/* The taps [first, last) of a window row that lie inside the input, x at the row's tap 0; returns their sum. */
static int32_t widen_row(const ew_conv_s8_t *p, const int8_t *x, ew_span_t cols, int32_t *at)
{
    const int32_t in_c = p->in_c;
    int32_t sum = 0;
    if (p->dilation_w == 1) {
        const uint32_t n = (uint32_t)((cols.last - cols.first) * in_c);
        return n ? ew_widen__thumb1(x + cols.first * in_c, at, n, 0, 1) : 0;
    }
    for (int32_t j = cols.first; j < cols.last; j++, at += LANES * in_c) {
        sum += ew_widen__thumb1(x + j * p->dilation_w * in_c, at, (uint32_t)in_c, 0, 1);
    }
    return sum;
}

/* A window that may leave the input; returns the sum of its taps. */
static int32_t widen_border(const ew_conv_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols, int32_t *at)
{
    const int32_t in_c = p->in_c, x_zero = p->x_zero;
    const int32_t row_taps = p->k_w * in_c;
    const int32_t inside = (rows.last - rows.first) * (cols.last - cols.first) * in_c;
    int32_t sum = x_zero * (p->k_h * row_taps - inside);
    at = fill(at, x_zero, rows.first * row_taps);
    x += ((rows.origin + rows.first * p->dilation_h) * p->in_w + cols.origin) * in_c;
    for (int32_t i = rows.first; i < rows.last; i++, x += p->dilation_h * p->in_w * in_c) {
        int32_t *const seen = fill(at, x_zero, cols.first * in_c);
        sum += widen_row(p, x, cols, seen);
        at = fill(seen + LANES * (cols.last - cols.first) * in_c, x_zero, (p->k_w - cols.last) * in_c);
    }
    fill(at, x_zero, (p->k_h - rows.last) * row_taps);
    return sum;
}

/* Whether every window is a single position inside the input. */
static int is_pointwise(const ew_conv_s8_t *p)
{
    return p->k_h * p->k_w == 1 && p->pad_top + p->pad_left == 0 && (p->out_h - 1) * p->stride_h < p->in_h &&
           (p->out_w - 1) * p->stride_w < p->in_w;
}

/* All taps of the output at (row, col) into one lane of `words`, behind their correction. */
static void widen_window(const ew_conv_s8_t *p, const int8_t *x, int32_t row, int32_t col, int32_t *words)
{
    const ew_span_t rows = ew_span_inside(row * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
    const ew_span_t cols = ew_span_inside(col * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
    const int32_t k_h = p->k_h, k_w = p->k_w, in_c = p->in_c;
    int32_t sum;
    if (rows.last - rows.first == k_h && cols.last - cols.first == k_w && p->dilation_w == 1) {
        const int8_t *seen = x + (rows.origin * p->in_w + cols.origin) * in_c;
        const uint32_t pitch = (uint32_t)(p->dilation_h * p->in_w * in_c);
        sum = ew_widen__thumb1(seen, words + LANES, (uint32_t)(k_w * in_c), pitch, (uint32_t)k_h);
    } else {
        sum = widen_border(p, x, rows, cols, words + LANES);
    }
    words[0] = -128 * sum;
}

void ew_conv_s8__thumb1(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    int32_t *const words = (int32_t *)scratch;
    const uint32_t taps = (uint32_t)p->k_h * p->k_w * p->in_c;
    const uint32_t padded = (taps + 3) / 4 * 4;
    const uint32_t out_c = p->out_c;
    const int pointwise = is_pointwise(p);
    ew_gemm_px4__thumb1_t gemm = {p->w,
                                  words,
                                  words + LANES * (1 + padded),
                                  y,
                                  out_c,
                                  {0, 0, 0},
                                  ew_output__thumb1(p->y_zero, p->act_min, p->act_max)};
    uint32_t lane = 0;
    for (uint32_t k = LANES * (1 + taps); k < LANES * (1 + padded); k++) {
        words[k] = 0;
    }
    for (int32_t r = 0; r < p->out_h; r++) {
        for (int32_t q = 0; q < p->out_w; q++) {
            if (pointwise) {
                const int8_t *seen = x + (uint32_t)(r * p->stride_h * p->in_w + q * p->stride_w) * taps;
                words[lane] = -128 * ew_widen__thumb1(seen, words + LANES + lane, taps, 0, 1);
            } else {
                widen_window(p, x, r, q, words + lane);
            }
            if (lane) {
                gemm.y_offsets[lane - 1] = lane * out_c;
            }
            if (++lane == LANES) {
                ew_gemm_px4__thumb1(&gemm);
                gemm.y += LANES * out_c;
                lane = 0;
                gemm.y_offsets[0] = gemm.y_offsets[1] = gemm.y_offsets[2] = 0;
            }
        }
    }
    if (lane) {
        ew_gemm_px4__thumb1(&gemm);
    }
}
