#include "ew_fixed_point.h"
#include "ew_kernels.h"

/* Value of channel c at (row, col), or the zero point outside the input. */
static int32_t input_at(const ew_conv_s8_t *p, const int8_t *x, int32_t row, int32_t col, int32_t c)
{
    if (row < 0 || row >= p->in_h || col < 0 || col >= p->in_w) {
        return p->x_zero;
    }
    return x[(row * p->in_w + col) * p->in_c + c];
}

void ew_depthwise_s8(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int32_t multiplier = p->out_c / p->in_c;
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        for (int32_t q = 0; q < p->out_w; q++) {
            for (int32_t o = 0; o < p->out_c; o++) {
                const int8_t *w = (const int8_t *)p->w + o;
                int32_t acc = p->bias[o];
                for (int32_t i = 0; i < p->k_h; i++) {
                    const int32_t row = r * p->stride_h - p->pad_top + i * p->dilation_h;
                    for (int32_t j = 0; j < p->k_w; j++, w += p->out_c) {
                        const int32_t col = q * p->stride_w - p->pad_left + j * p->dilation_w;
                        acc += input_at(p, x, row, col, o / multiplier) * *w;
                    }
                }
                *y++ = ew_requantize_s8(acc, p->mult[o], p->shift, p->y_zero, p->act_min, p->act_max);
            }
        }
    }
}
