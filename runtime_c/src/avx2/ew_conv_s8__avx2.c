/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_s8__avx2.c: convolution of one group; w, bias and mult as ew_gemm__avx2.h orders them. */
#include "avx2/ew_kernels__avx2.h"
#include "ew_gemm__avx2.h"

static int16_t *fill(int16_t *wide, int16_t value, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        wide[i] = value;
    }
    return wide + n;
}

/* The `width` input columns from -pad_left on of one input row, x_zero outside the input. */
static void widen_row(const ew_conv_s8_t *p, const int8_t *x, int32_t in_row, int32_t width, int16_t *wide)
{
    const int32_t in_c = p->in_c;
    if (in_row < 0 || in_row >= p->in_h) {
        fill(wide, p->x_zero, width * in_c);
        return;
    }
    const int32_t left = p->pad_left < width ? p->pad_left : width;
    const int32_t inside = width - left < p->in_w ? width - left : p->in_w;
    wide = fill(wide, p->x_zero, left * in_c);
    wide = ew_widen__avx2(wide, x + in_row * p->in_w * in_c, (uint32_t)(inside * in_c));
    fill(wide, p->x_zero, (width - left - inside) * in_c);
}

/* Each output row widens the k_h input rows it needs, whole and padded, into scratch [k_h][width][in_c]. */
void ew_conv_s8__avx2(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    int16_t *const rows = (int16_t *)scratch;
    const int32_t width = (p->out_w - 1) * p->stride_w + (p->k_w - 1) * p->dilation_w + 1;
    const uint32_t pitch = (uint32_t)(width * p->in_c);
    const int whole = p->dilation_w == 1; /* a window row is one run */
    const uint32_t run = (uint32_t)p->in_c * (whole ? p->k_w : 1u);
    const ew_layer__avx2_t layer = {(const int8_t *)p->w, p->bias, p->mult, p->out_c,
                                    ew_output__avx2(p->y_zero, p->act_min, p->act_max)};
    const ew_windows__avx2_t windows = {rows,         (uint32_t)(p->stride_w * p->in_c),
                                        pitch,        (uint32_t)(p->dilation_w * p->in_c),
                                        p->k_h,       whole ? 1u : p->k_w,
                                        (run + 1) / 2};
    rows[pitch * p->k_h] = 0; /* read by the last run when it is odd */
    for (int32_t r = 0; r < p->out_h; r++, y += p->out_w * p->out_c) {
        for (int32_t i = 0; i < p->k_h; i++) {
            const int32_t in_row = r * p->stride_h - p->pad_top + i * p->dilation_h;
            widen_row(p, x, in_row, width, rows + (uint32_t)i * pitch);
        }
        ew_gemm__avx2(&layer, &windows, p->out_w, y);
    }
}
