#include "ew_dw3x3_dsp.h"

/* Four channels of two input rows as plane words, beside each other from d on; the rows advance by their steps. */
static void expand_four(const int8_t *a, uint32_t a_step, const int8_t *b, uint32_t b_step, uint32_t cols, uint32_t *d,
                        uint32_t plane_words)
{
    uint32_t *d1 = d + plane_words, *d2 = d1 + plane_words, *d3 = d2 + plane_words;
    for (; cols; cols--, a += a_step, b += b_step) {
        const uint32_t upper = ew_load_s8x4(a), lower = ew_load_s8x4(b);
        const uint32_t front = ew_pack_low(upper, lower), back = ew_pack_high(upper, lower);
        *d = ew_sxtb16(front);
        *d1 = ew_sxtb16_odd(front);
        *d2 = ew_sxtb16(back);
        *d3 = ew_sxtb16_odd(back);
        d += 2, d1 += 2, d2 += 2, d3 += 2;
    }
}

static void expand_one(const int8_t *a, uint32_t a_step, const int8_t *b, uint32_t b_step, uint32_t cols, uint32_t *d)
{
    for (; cols; cols--, a += a_step, b += b_step, d += 2) {
        *d = ew_pack_low((uint32_t)*a, (uint32_t)*b);
    }
}

/* Word `index` of `channels` planes: rows 2 * index and 2 * index + 1 of the padded input. */
static void expand(const ew_conv_s8_t *p, const int8_t *x, int32_t index, uint32_t channels, uint32_t cols, uint32_t *d,
                   uint32_t plane_words)
{
    const uint32_t zeros = ew_four_bytes(p->x_zero);
    const int8_t *row[2];
    uint32_t step[2];
    for (int32_t i = 0; i < 2; i++) {
        const int32_t at = 2 * index + i - p->pad_top;
        const int inside = at >= 0 && at < p->in_h;
        row[i] = inside ? x + at * p->in_w * p->in_c : (const int8_t *)&zeros;
        step[i] = inside ? p->in_c : 0;
    }
    if (channels == 4) {
        expand_four(row[0], step[0], row[1], step[1], cols, d, plane_words);
        return;
    }
    for (uint32_t c = 0; c < channels; c++, d += plane_words) {
        expand_one(row[0] + (step[0] ? c : 0), step[0], row[1] + (step[1] ? c : 0), step[1], cols, d);
    }
}

/* The padding columns of a plane, before the `cols` columns of the input and behind them. */
static void fill_sides(const ew_conv_s8_t *p, uint32_t cols, uint32_t *plane, uint32_t plane_words)
{
    const uint32_t zeros = ew_both_halves(p->x_zero);
    for (uint32_t i = 0; i < 2u * p->pad_left; i++) {
        plane[i] = zeros;
    }
    for (uint32_t i = 2 * (p->pad_left + cols); i < plane_words; i++) {
        plane[i] = zeros;
    }
}

void ew_dw3x3_dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, uint32_t *planes, ew_dw_rows_fn *rows)
{
    const uint32_t multiplier = (uint32_t)p->out_c / p->in_c, stride = p->stride_w;
    const uint32_t plane_cols = (p->out_w - 1u) * stride + 3, plane_words = 2 * plane_cols;
    const uint32_t seen = plane_cols - p->pad_left, cols = seen < p->in_w ? seen : p->in_w;
    const uint32_t out_row = (uint32_t)p->out_w * p->out_c, rows_per_step = 3 - stride;
    const uint32_t pairs_bytes = p->out_w / 2 * 16u * stride;
    const uint32_t *w = p->w;
    for (uint32_t c = 0; c < p->in_c; c += 4) {
        const uint32_t channels = p->in_c - c < 4 ? p->in_c - c : 4;
        uint32_t *inner = planes + 2 * p->pad_left;
        for (uint32_t i = 0; i < channels; i++) {
            fill_sides(p, cols, planes + i * plane_words, plane_words);
        }
        expand(p, x + c, 0, channels, cols, inner, plane_words);
        ew_dw_rows_dsp_t s = {0, p->y_zero, stride == 1 ? out_row : 0, p->out_c,    0,           0,
                              0, 0,         4 * plane_words,           pairs_bytes, p->out_w % 2};
        int8_t *to = y + c * multiplier;
        int32_t index = 1;
        for (uint32_t r = 0; r < p->out_h; r += rows_per_step, to += rows_per_step * out_row, index++) {
            const uint32_t newer = (uint32_t)index % 2;
            expand(p, x + c, index, channels, cols, inner + newer, plane_words);
            s.row_bytes = r + 1 == p->out_h ? 0 : s.row_bytes;
            s.w = w;
            s.y = to;
            s.plane = planes;
            s.count = multiplier == 1 ? channels : multiplier;
            if (multiplier == 1) {
                rows(&s, newer);
                continue;
            }
            s.plane_bytes = 0;
            for (uint32_t i = 0; i < channels; i++) {
                rows(&s, newer);
                s.plane += plane_words;
                s.y += multiplier;
                s.w += 5 * multiplier;
            }
        }
        w += 5 * channels * multiplier;
    }
    ew_clamp_s8_dsp(y, p->out_h * out_row, p->act_min, p->act_max);
}
