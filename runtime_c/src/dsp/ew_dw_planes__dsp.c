/* SPDX-License-Identifier: Apache-2.0 */
/* ew_dw_planes__dsp.c:
 * Four channels at a time are widened to planes of row pairs, in bands, and each output channel is computed down its
 * plane. y may be x when their shapes are equal: of four channels, the rows of a band are read before they are written,
 * and the last of them stay in the planes for the next band. */
#include "ew_dw_planes__dsp.h"

/* Plane words of `count` columns set to zero point, in both halves or only in the upper or lower row. */
static void fill(uint32_t *d, uint32_t count, uint32_t zeros)
{
    for (; count; count--) {
        *d++ = zeros;
    }
}

static void fill_row(uint32_t *d, uint32_t cols, uint32_t slots, uint32_t lower, int32_t zero)
{
    ew_half_s16_t *row = (ew_half_s16_t *)d + lower;
    for (; cols; cols--, row += 8 * slots) {
        row[0] = row[2 * slots] = row[4 * slots] = row[6 * slots] = (int16_t)zero;
    }
}

/* Two words, or one that may be followed by anything, of which a row is in the padding; top: the first row. */
static void widen_edge(const ew_conv_s8_t *p, const int8_t *x, int32_t top, int alone, ew_dw_widen__dsp_t *s,
                       const ew_dw_planes__dsp_t *kind)
{
    const int32_t row_bytes = p->in_w * p->in_c;
    for (int32_t i = 0; i < 4; i++) {
        const int inside = top + i >= 0 && top + i < p->in_h && (i < 2 || !alone);
        s->rows[i] = x + (inside ? (top + i) * row_bytes : 0);
    }
    s->count = 1;
    kind->widen(s);
    for (int32_t i = 0; i < (alone ? 2 : 4); i++) {
        if (top + i < 0 || top + i >= p->in_h) {
            fill_row(s->d + i / 2, s->cols, kind->slots, (uint32_t)i % 2, p->x_zero);
        }
    }
}

/* The planes of a band: word `index` of the layer goes to slot 0. */
static void make_planes(const ew_conv_s8_t *p, const int8_t *x, int32_t index, int32_t steps, uint32_t cols,
                        uint32_t *d, const ew_dw_planes__dsp_t *kind)
{
    const int32_t slots = (int32_t)kind->slots, row_bytes = p->in_w * p->in_c;
    const int32_t kept = (int32_t)kind->kernel / 2, last = steps + kept - 1;
    ew_dw_widen__dsp_t s;
    int32_t slot = 0;
    s.px_bytes = p->in_c;
    s.cols = cols;
    s.four_rows_bytes = 4 * (uint32_t)row_bytes;
    if (index > 0) { /* the last words of the band before are the first ones of this */
        for (; slot < kept; slot++) {
            uint32_t *word = d + slot;
            for (uint32_t i = 4 * cols; i; i--, word += kind->slots) {
                *word = word[slots - kept];
            }
        }
    }
    while (slot <= last) {
        slot = slot == slots - 1 ? slot - 1 : slot; /* no slot behind it: once more with the one before */
        const int32_t top = 2 * (index + slot) - p->pad_top;
        const int32_t wanted = (last + 1 - slot) / 2, inside = top < 0 ? 0 : (p->in_h - top) / 4;
        const int32_t count = inside < wanted ? inside : wanted;
        s.d = d + slot;
        if (count > 0) {
            s.rows[0] = x + top * row_bytes;
            s.rows[1] = s.rows[0] + row_bytes;
            s.rows[2] = s.rows[1] + row_bytes;
            s.rows[3] = s.rows[2] + row_bytes;
            s.count = (uint32_t)count;
            kind->widen(&s);
            slot += 2 * count;
        } else {
            widen_edge(p, x, top, slot == last, &s, kind);
            slot += 2;
        }
    }
}

void ew_dw_planes__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, uint32_t *planes,
                       const ew_dw_planes__dsp_t *kind)
{
    const uint32_t slots = kind->slots, column_words = 4 * slots;
    const uint32_t multiplier = (uint32_t)p->out_c / p->in_c, plane_cols = p->out_w + kind->kernel - 1;
    const uint32_t seen = plane_cols - p->pad_left, cols = seen < p->in_w ? seen : p->in_w;
    const uint32_t out_row = (uint32_t)p->out_w * p->out_c, zeros = ew_both_halves(p->x_zero);
    const int32_t all_steps = (p->out_h + 1) / 2, band_steps = (int32_t)(slots - kind->kernel / 2);
    uint32_t *inner = planes + p->pad_left * column_words;
    ew_dw_band__dsp_t s;
    s.y_zero = p->y_zero;
    s.row_bytes = out_row;
    s.px_bytes = p->out_c;
    s.pairs_bytes = p->out_w / 2 * 8 * column_words;
    s.odd = p->out_w % 2;
    s.plane_bytes = multiplier == 1 ? 4 * slots : 0;
    fill(planes, p->pad_left * column_words, zeros);
    fill(inner + cols * column_words, (seen - cols) * column_words, zeros);
    const uint32_t *w = (const uint32_t *)p->w;
    for (uint32_t c = 0; c < p->in_c;) {
        const uint32_t first = p->in_c - c < 4 ? 4 - (p->in_c - c) : 0; /* the last four channels may overlap */
        const uint32_t channels = 4 - first;
        for (int32_t index = 0; index < all_steps; index += band_steps) {
            const int32_t steps = all_steps - index < band_steps ? all_steps - index : band_steps;
            const int32_t full = 2 * (index + steps) > p->out_h ? steps - 1 : steps;
            make_planes(p, x + c - first, index, steps, cols, inner, kind);
            s.w = w;
            s.plane = planes + first * slots;
            s.y = y + c * multiplier + 2 * (uint32_t)index * out_row;
            s.count = multiplier == 1 ? channels : multiplier;
            s.full_bytes = 4 * (uint32_t)full;
            s.half = (uint32_t)(steps - full);
            s.plane_advance = 8 * column_words - 4 * (uint32_t)steps;
            s.y_advance = 2 * p->out_c - 2 * (uint32_t)full * out_row;
            for (uint32_t i = 0; i < channels; i++) { /* of one input channel each, or all at once */
                kind->band(&s);
                if (multiplier == 1) {
                    break;
                }
                s.plane += slots;
                s.y += multiplier;
                s.w += kind->record_words * multiplier;
            }
        }
        c += channels;
        w += kind->record_words * channels * multiplier;
    }
    ew_clamp__dsp(y, p->out_h * out_row, p->act_min, p->act_max);
}
