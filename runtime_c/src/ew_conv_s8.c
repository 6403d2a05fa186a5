#include "ew_fixed_point.h"
#include "ew_kernels.h"

/* The part of one window dimension that lies inside the input: taps [first, last). */
typedef struct {
    int32_t origin; /* input position of tap 0 */
    int32_t first, last;
} span_t;

static span_t span_inside(int32_t origin, int32_t dilation, int32_t kernel, int32_t size)
{
    span_t s = {origin, 0, kernel};
    while (s.first < kernel && origin + s.first * dilation < 0) {
        s.first++;
    }
    while (s.last > s.first && origin + (s.last - 1) * dilation >= size) {
        s.last--;
    }
    return s;
}

/* Sum over the taps inside the input plus x_zero times the weights outside.
 * Bounds: the compiler proves |bias| + 128 * sum |w| < 2^31 for every output channel. */
static int32_t window_dot(const ew_conv_s8_t *p, const int8_t *x, const int8_t *w, span_t rows, span_t cols)
{
    const int32_t in_g = p->in_c / p->groups;
    int32_t acc = 0;
    for (int32_t i = 0; i < p->k_h; i++) {
        for (int32_t j = 0; j < p->k_w; j++, w += in_g) {
            if (i >= rows.first && i < rows.last && j >= cols.first && j < cols.last) {
                const int32_t row = rows.origin + i * p->dilation_h;
                const int32_t col = cols.origin + j * p->dilation_w;
                const int8_t *seen = x + (row * p->in_w + col) * p->in_c;
                for (int32_t c = 0; c < in_g; c++) {
                    acc += seen[c] * w[c];
                }
            } else {
                for (int32_t c = 0; c < in_g; c++) {
                    acc += p->x_zero * w[c];
                }
            }
        }
    }
    return acc;
}

void ew_conv_s8(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int32_t in_g = p->in_c / p->groups;
    const int32_t out_g = p->out_c / p->groups;
    const int32_t weights_per_output = p->k_h * p->k_w * in_g;
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        const span_t rows = span_inside(r * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
        for (int32_t q = 0; q < p->out_w; q++) {
            const span_t cols = span_inside(q * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
            const int8_t *w = (const int8_t *)p->w;
            for (int32_t o = 0; o < p->out_c; o++, w += weights_per_output) {
                const int32_t acc = p->bias[o] + window_dot(p, x + (o / out_g) * in_g, w, rows, cols);
                *y++ = ew_requantize_s8(acc, p->mult[o], p->shift, p->y_zero, p->act_min, p->act_max);
            }
        }
    }
}
