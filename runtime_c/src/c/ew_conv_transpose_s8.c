/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_transpose_s8.c: transposed convolution: each output gathers the taps that fall on it. */
#include "ew_kernels.h"
#include "ew_output.h"

/* One tap that falls on an output position: the input pixel it carries and its weights for output 0. */
typedef struct {
    const int8_t *x, *w;
} source_t;

/* The input position that a tap `distance` before the output's start carries there, or -1 when there is none. */
static int32_t source_position(int32_t distance, int32_t stride, int32_t size)
{
    return distance >= 0 && distance % stride == 0 && distance / stride < size ? distance / stride : -1;
}

/* Everything that falls on (row, col), counted from the start of the uncut output; returns the end. */
static source_t *find_sources(const ew_conv_s8_t *p, const int8_t *x, int32_t row, int32_t col, source_t *source)
{
    const int32_t in_c = p->in_c;
    const int8_t *w = (const int8_t *)p->w;
    for (int32_t i = 0; i < p->k_h; i++) {
        const int32_t in_row = source_position(row - i * p->dilation_h, p->stride_h, p->in_h);
        for (int32_t j = 0; j < p->k_w; j++, w += in_c) {
            const int32_t in_col = source_position(col - j * p->dilation_w, p->stride_w, p->in_w);
            if (in_row >= 0 && in_col >= 0) {
                source->x = x + (in_row * p->in_w + in_col) * in_c;
                source->w = w;
                source++;
            }
        }
    }
    return source;
}

/* sum (x - x_zero) * w over the sources, w from `offset` on. */
static int32_t gathered(const source_t *source, const source_t *end, int32_t offset, int32_t in_c, int32_t x_zero)
{
    int32_t acc = 0;
    for (; source != end; source++) {
        const int8_t *x = source->x;
        const int8_t *w = source->w + offset;
        for (const int8_t *const last = x + in_c; x != last;) {
            acc += (*x++ - x_zero) * *w++;
        }
    }
    return acc;
}

void ew_conv_transpose_s8(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const int32_t weights_per_output = p->k_h * p->k_w * p->in_c;
    source_t *const sources = (source_t *)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        for (int32_t q = 0; q < p->out_w; q++) {
            const source_t *end = find_sources(p, x, r + p->pad_top, q + p->pad_left, sources);
            for (int32_t o = 0; o < p->out_c; o++) {
                const int32_t sum = gathered(sources, end, o * weights_per_output, p->in_c, p->x_zero);
                *y++ = ew_output_s8(to, p->bias[o] + sum, p->mult[o]);
            }
        }
    }
}
