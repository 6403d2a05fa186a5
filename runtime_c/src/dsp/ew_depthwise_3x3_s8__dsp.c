/* ew_depthwise_3x3_s8__dsp.c: depthwise 3x3 convolution of stride 1, dilation 1, any padding and channel multiplier.
 *
 * Four channels at a time are widened to planes of row pairs, in bands of up to 2 * STEPS output rows, and each output
 * channel is computed down its plane; ew_dw3x3_dsp.S describes both.
 *
 * w: a record for each output channel, bias and multiplier inside; bias and mult are not read.
 * scratch: 16 * SLOTS * (out_w + 2) bytes.
 * shift must be 0, in_c 4 or more. y may be x when their shapes are equal: of four channels, the rows of a band are
 * read before they are written, and the last of them stays in the planes for the next band. */
#include "ew_dsp.h"
#include "ew_kernels.h"

#define SLOTS        8           /* words of a plane column */
#define STEPS        (SLOTS - 1) /* pairs of output rows of a band */
#define COLUMN_WORDS (4 * SLOTS)

/* Arguments of the assembly, which copies them to its stack as they stand. */
typedef struct {
    int32_t mult; /* a slot it works in */
    int32_t y_zero;
    uint32_t row_bytes; /* from an output row to the next */
    uint32_t px_bytes;  /* from an output pixel to the next */
    const uint32_t *w;  /* records */
    const uint32_t *plane;
    int8_t *y; /* first output channel; the others follow */
    uint32_t count;
    uint32_t plane_bytes; /* from the plane of an output channel to that of the next */
    uint32_t column_pairs;
    uint32_t odd;        /* 1 when a single output column is left, else 0 */
    uint32_t full_bytes; /* 4 * steps with two output rows */
    uint32_t half;       /* 1 when a step with one output row follows, else 0 */
} ew_dw_band_dsp_t;

typedef struct {
    const int8_t *rows[4];
    uint32_t px_bytes; /* from an input pixel to the next */
    uint32_t *d;       /* upper one of two words of the first column */
    uint32_t cols;
} ew_dw_widen_dsp_t;

void ew_dw3x3_dsp(const ew_dw_band_dsp_t *s);
void ew_dw_widen_dsp(const ew_dw_widen_dsp_t *s);

/* Plane words of `count` columns set to zero point, in both halves or only in the upper or lower row. */
static void fill(uint32_t *d, uint32_t count, uint32_t zeros)
{
    for (; count; count--) {
        *d++ = zeros;
    }
}

static void fill_row(uint32_t *d, uint32_t cols, uint32_t lower, int32_t zero)
{
    ew_half_s16_t *row = (ew_half_s16_t *)d + lower;
    for (; cols; cols--, row += 2 * COLUMN_WORDS) {
        row[0] = row[2 * SLOTS] = row[4 * SLOTS] = row[6 * SLOTS] = (int16_t)zero;
    }
}

/* Words `index` and, unless it is alone, index + 1 of the planes of the channels from x on; a word alone may be
 * followed by anything. */
static void widen(const ew_conv_s8_t *p, const int8_t *x, int32_t index, int alone, uint32_t cols, uint32_t *d)
{
    const int32_t top = 2 * index - p->pad_top, rows = alone ? 2 : 4, row_bytes = p->in_w * p->in_c;
    const int8_t *row = x + top * row_bytes;
    ew_dw_widen_dsp_t s = {{row, row + row_bytes, row + 2 * row_bytes, row + 3 * row_bytes}, p->in_c, d, cols};
    if (top >= 0 && top + 3 < p->in_h) {
        ew_dw_widen_dsp(&s);
        return;
    }
    for (int32_t i = 0; i < 4; i++) {
        if (i >= rows || top + i < 0 || top + i >= p->in_h) {
            s.rows[i] = x;
        }
    }
    ew_dw_widen_dsp(&s);
    for (int32_t i = 0; i < rows; i++) {
        if (top + i < 0 || top + i >= p->in_h) {
            fill_row(d + i / 2, cols, (uint32_t)i % 2, p->x_zero);
        }
    }
}

/* The planes of a band: word `index` of the layer goes to slot 0. */
static void make_planes(const ew_conv_s8_t *p, const int8_t *x, int32_t index, int32_t steps, uint32_t cols,
                        uint32_t *d)
{
    int32_t slot = 0;
    if (index > 0) { /* word 0 is the last one of the band before */
        for (uint32_t i = 0; i < 4 * cols; i++) {
            d[i * SLOTS] = d[i * SLOTS + STEPS];
        }
        slot = 1;
    }
    for (; slot <= steps; slot += 2) {
        slot = slot == SLOTS - 1 ? slot - 1 : slot; /* no slot behind it: once more with the one before */
        widen(p, x, index + slot, slot == steps, cols, d + slot);
    }
}

void ew_depthwise_3x3_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t multiplier = (uint32_t)p->out_c / p->in_c, plane_cols = p->out_w + 2u;
    const uint32_t seen = plane_cols - p->pad_left, cols = seen < p->in_w ? seen : p->in_w;
    const uint32_t out_row = (uint32_t)p->out_w * p->out_c, zeros = ew_both_halves(p->x_zero);
    const int32_t all_steps = (p->out_h + 1) / 2;
    uint32_t *planes = scratch, *inner = planes + p->pad_left * COLUMN_WORDS;
    const uint32_t *w = p->w;
    fill(planes, p->pad_left * (uint32_t)COLUMN_WORDS, zeros);
    fill(inner + cols * COLUMN_WORDS, (seen - cols) * COLUMN_WORDS, zeros);
    for (uint32_t c = 0; c < p->in_c;) {
        const uint32_t first = p->in_c - c < 4 ? 4 - (p->in_c - c) : 0; /* the last four channels may overlap */
        const uint32_t channels = 4 - first;
        for (int32_t index = 0; index < all_steps; index += STEPS) {
            const int32_t steps = all_steps - index < STEPS ? all_steps - index : STEPS;
            const int32_t full = 2 * (index + steps) > p->out_h ? steps - 1 : steps;
            ew_dw_band_dsp_t s = {0,
                                  p->y_zero,
                                  out_row,
                                  p->out_c,
                                  w,
                                  planes + first * SLOTS,
                                  y + c * multiplier,
                                  channels,
                                  4 * SLOTS,
                                  p->out_w / 2u,
                                  p->out_w % 2u,
                                  4 * (uint32_t)full,
                                  (uint32_t)(steps - full)};
            s.y += 2 * (uint32_t)index * out_row;
            make_planes(p, x + c - first, index, steps, cols, inner);
            if (multiplier == 1) {
                ew_dw3x3_dsp(&s);
                continue;
            }
            s.count = multiplier;
            s.plane_bytes = 0;
            for (uint32_t i = 0; i < channels; i++) {
                ew_dw3x3_dsp(&s);
                s.plane += SLOTS;
                s.y += multiplier;
                s.w += 5 * multiplier;
            }
        }
        c += channels;
        w += 5 * channels * multiplier;
    }
    ew_clamp_s8_dsp(y, p->out_h * out_row, p->act_min, p->act_max);
}
