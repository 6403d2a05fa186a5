#include "ew_kernels.h"
#include "ew_thumb1.h"

/* What the taps of the window at (row, col) see; `outside` where it leaves the input. */
static void find_taps(const ew_conv_s8_t *p, const int8_t *x, const int8_t *outside, int32_t row, int32_t col,
                      ew_tap__thumb1_t *tap)
{
    const int32_t in_h = p->in_h, in_w = p->in_w, in_c = p->in_c;
    const int32_t k_h = p->k_h, k_w = p->k_w;
    const int32_t row_step = p->dilation_h, col_step = p->dilation_w;
    const int32_t first_row = row * p->stride_h - p->pad_top;
    const int32_t first_col = col * p->stride_w - p->pad_left;
    for (int32_t i = 0, at_row = first_row; i < k_h; i++, at_row += row_step) {
        const int row_inside = at_row >= 0 && at_row < in_h;
        const int8_t *seen = x + (at_row * in_w + first_col) * in_c;
        for (int32_t j = 0, at_col = first_col; j < k_w; j++, at_col += col_step, tap++) {
            tap->x = row_inside && at_col >= 0 && at_col < in_w ? seen : outside;
            seen += col_step * in_c;
        }
    }
}

void ew_depthwise_s8__thumb1(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_tap__thumb1_t *const taps = (ew_tap__thumb1_t *)scratch;
    ew_tap__thumb1_t *const taps_end = taps + p->k_h * p->k_w;
    int8_t *const outside = (int8_t *)taps_end;
    const int8_t *w = (const int8_t *)p->w;
    ew_depthwise_px1__thumb1_t px1 = {taps, taps_end, p->bias,
                                      y,    p->out_c, ew_output__thumb1(p->y_zero, p->act_min, p->act_max)};
    for (ew_tap__thumb1_t *tap = taps; tap != taps_end; tap++, w += p->out_c) {
        tap->w = w;
    }
    for (int32_t c = 0; c < p->in_c; c++) {
        outside[c] = p->x_zero;
    }
    for (int32_t r = 0; r < p->out_h; r++) {
        for (int32_t q = 0; q < p->out_w; q++, px1.y += p->out_c) {
            find_taps(p, x, outside, r, q, taps);
            ew_depthwise_px1_s8__thumb1(&px1);
        }
    }
}
