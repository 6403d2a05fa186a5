/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_s8.c: convolution of any kind, two positions times two outputs at a time. */
#include "ew_dot.h"
#include "ew_kernels.h"
#include "ew_output.h"

/* Copy the part of the input that the output at (row, col) sees, x_zero where it leaves the input:
 * window [k_h][k_w][in_g], from the group's first channel at x. */
static void copy_window(const ew_conv_s8_t *p, const int8_t *x, int32_t row, int32_t col, int8_t *window)
{
    const int32_t in_g = p->in_c / p->groups;
    const int8_t fill = p->x_zero;
    for (int32_t i = 0; i < p->k_h; i++) {
        const int32_t in_row = row * p->stride_h - p->pad_top + i * p->dilation_h;
        const int row_inside = in_row >= 0 && in_row < p->in_h;
        for (int32_t j = 0; j < p->k_w; j++) {
            const int32_t in_col = col * p->stride_w - p->pad_left + j * p->dilation_w;
            const int8_t *const end = window + in_g;
            if (row_inside && in_col >= 0 && in_col < p->in_w) {
                const int8_t *seen = x + (in_row * p->in_w + in_col) * p->in_c;
                while (window != end) {
                    *window++ = *seen++;
                }
            } else {
                while (window != end) {
                    *window++ = fill;
                }
            }
        }
    }
}

/* Whether each output sees a single position of the input, so that nothing need be copied. */
static int sees_one_position(const ew_conv_s8_t *p)
{
    return p->k_h * p->k_w * p->groups == 1 && p->pad_top + p->pad_left == 0 &&
           (p->out_h - 1) * p->stride_h < p->in_h && (p->out_w - 1) * p->stride_w < p->in_w;
}

/* What the output at (row, col) sees, in the input itself or copied to `window`. */
static const int8_t *window_at(const ew_conv_s8_t *p, const int8_t *x, int32_t row, int32_t col, int8_t *window)
{
    if (!window) {
        return x + (row * p->stride_h * p->in_w + col * p->stride_w) * p->in_c;
    }
    copy_window(p, x, row, col, window);
    return window;
}

/* Outputs [first, first + count) of two positions. The last output of an odd count is computed twice, and so is
 * everything when both positions are the same. */
static void two_positions(const ew_conv_s8_t *p, int32_t first, int32_t count, const int8_t *x0, const int8_t *x1,
                          int8_t *y0, int8_t *y1)
{
    const uint32_t n = (uint32_t)p->k_h * p->k_w * (uint32_t)(p->in_c / p->groups);
    const int8_t *w = (const int8_t *)p->w + (uint32_t)first * n;
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const int32_t *bias = p->bias + first;
    const int32_t *mult = p->mult + first;
    for (int32_t o = 0; o < count; o += 2, w += 2 * n, bias += 2, mult += 2) {
        const int32_t other = o + 1 < count ? 1 : 0;
        int32_t acc[4] = {bias[0], bias[0], bias[other], bias[other]};
        ew_dot_2x2(x0, x1, w, w + (uint32_t)other * n, n, acc);
        const int32_t mult0 = mult[0], mult1 = mult[other];
        y0[o] = ew_output_s8(to, acc[0], mult0);
        y1[o] = ew_output_s8(to, acc[1], mult0);
        y0[o + other] = ew_output_s8(to, acc[2], mult1);
        y1[o + other] = ew_output_s8(to, acc[3], mult1);
    }
}

void ew_conv_s8(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int32_t in_g = p->in_c / p->groups;
    const int32_t out_g = p->out_c / p->groups;
    int8_t *const window = sees_one_position(p) ? 0 : (int8_t *)scratch;
    int8_t *const next_window = window ? window + p->k_h * p->k_w * in_g : 0;
    for (int32_t r = 0; r < p->out_h; r++) {
        for (int32_t q = 0; q < p->out_w; q += 2) {
            const int32_t next = q + 1 < p->out_w ? 1 : 0;
            for (int32_t g = 0; g < p->groups; g++) {
                const int8_t *x0 = window_at(p, x + g * in_g, r, q, window);
                const int8_t *x1 = next ? window_at(p, x + g * in_g, r, q + 1, next_window) : x0;
                two_positions(p, g * out_g, out_g, x0, x1, y + g * out_g, y + g * out_g + next * p->out_c);
            }
            y += (1 + next) * p->out_c;
        }
    }
}
