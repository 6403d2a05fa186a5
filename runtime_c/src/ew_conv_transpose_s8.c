#include "ew_kernels.h"
#include "ew_output.h"

/* The input position that tap k carries to output position `out` (counted from the uncut output's start),
 * or -1 when there is none. */
static int32_t source_of(int32_t out, int32_t k, int32_t dilation, int32_t stride, int32_t size)
{
    const int32_t distance = out - k * dilation;
    return distance >= 0 && distance % stride == 0 && distance / stride < size ? distance / stride : -1;
}

/* One output: what falls on (row, col) of the uncut output. */
static int32_t gathered(const ew_conv_s8_t *p, const int8_t *x, const int8_t *w, int32_t row, int32_t col)
{
    const int32_t in_c = p->in_c, x_zero = p->x_zero;
    int32_t acc = 0;
    for (int32_t i = 0; i < p->k_h; i++) {
        const int32_t in_row = source_of(row, i, p->dilation_h, p->stride_h, p->in_h);
        for (int32_t j = 0; j < p->k_w; j++, w += in_c) {
            const int32_t in_col = in_row < 0 ? -1 : source_of(col, j, p->dilation_w, p->stride_w, p->in_w);
            if (in_col >= 0) {
                const int8_t *seen = x + (in_row * p->in_w + in_col) * p->in_c;
                for (int32_t c = 0; c < in_c; c++) {
                    acc += (seen[c] - x_zero) * w[c];
                }
            }
        }
    }
    return acc;
}

void ew_conv_transpose_s8(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int32_t weights_per_output = p->k_h * p->k_w * p->in_c;
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        for (int32_t q = 0; q < p->out_w; q++) {
            const int8_t *w = (const int8_t *)p->w;
            for (int32_t o = 0; o < p->out_c; o++, w += weights_per_output) {
                const int32_t acc = p->bias[o] + gathered(p, x, w, r + p->pad_top, q + p->pad_left);
                *y++ = ew_output_s8(to, acc, p->mult[o]);
            }
        }
    }
}
