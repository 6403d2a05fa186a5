/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_winograd_s8__dsp.c: exact integer Winograd convolution F(2x2, 3x3): 3x3, stride 1, groups 1, any padding.
 *
 * Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (2016), section 4.1. With G scaled by 2 the
 * transformed weights U = (2G) w (2G)^T are integers and every sum is 4 times the exact one:
 *   4 y = A^T (sum over channels of U . V) A,  V = B^T d B,  d a tile of 4 x 4 inputs, y one of 2 x 2 outputs.
 * Bounds: |U| <= 9 * 127 and |V| <= 4 * 128 fit int16. Sums are modulo 2^32, exact as packing proves that
 * |bias| + 128 * sum |w| < 2^29.
 *
 * w: for each pair of output channels U as [16 positions][kpairs][2] words, then 4 * bias0, 4 * bias1, mult0, mult1; K
 *    pairs in the order of SXTB16, see ew_gemm__dsp.h. A last odd channel is paired with its neighbour. bias and mult
 * are not read. scratch: 168 * in_c + 512 bytes: V of four tiles, 128 * in_c; products, 512; a border of the input, 40
 * * in_c. shift must be 0, in_c a multiple of 4, out_c 2 or more. */
#include "c/ew_layout.h"
#include "dsp/ew_kernels__dsp.h"
#include "ew_simd__dsp.h"

#define POSITIONS   16
#define TILES       4                   /* beside each other, computed together */
#define KPAIR_WORDS (POSITIONS * TILES) /* of V */
#define COLS        (2 * TILES + 2)     /* input columns that they read */

/* Shape of the products, as the assembly reads it. */
typedef struct {
    uint32_t entry;   /* ew_winograd_entry__dsp(kpairs) */
    uint32_t v_bytes; /* 256 * kpairs */
} ew_winograd__dsp_t;
EW_LAYOUT(ew_winograd__dsp_t, 2, entry, 0, v_bytes, 4);

/* One channel of the output, as the assembly reads it. */
typedef struct {
    int32_t bias, mult; /* bias: 4 times as large */
    int32_t y_zero;
    int32_t px_bytes, row_bytes;
} ew_winograd_output__dsp_t;
EW_LAYOUT(ew_winograd_output__dsp_t, 5, bias, 0, mult, 4, y_zero, 8, px_bytes, 12, row_bytes, 16);

void ew_winograd_input__dsp(const int8_t *x, int32_t row_bytes, int32_t px_bytes, uint32_t *v);
void ew_winograd_gemm__dsp(const uint32_t *v, const uint32_t *u, int32_t *m, const ew_winograd__dsp_t *s);
void ew_winograd_output__dsp(const int32_t *m, int8_t *y, const ew_winograd_output__dsp_t *s);
uint32_t ew_winograd_entry__dsp(uint32_t kpairs);

/* One channel of four tiles, of which only rows x cols outputs exist. */
static void finish_partly(const int32_t *m, int8_t *y, const ew_winograd_output__dsp_t *s, int32_t rows, int32_t cols)
{
    int8_t beside[2 * 2 * TILES];
    ew_winograd_output__dsp_t whole = *s;
    whole.px_bytes = 1;
    whole.row_bytes = 2 * TILES;
    ew_winograd_output__dsp(m, beside, &whole);
    for (int32_t i = 0; i < rows; i++) {
        for (int32_t j = 0; j < cols; j++) {
            y[i * s->row_bytes + j * s->px_bytes] = beside[i * 2 * TILES + j];
        }
    }
}

/* Two channels of four tiles. */
static void finish(const int32_t *m, const uint32_t *record, int8_t *y, ew_winograd_output__dsp_t *s, int32_t rows,
                   int32_t cols)
{
    for (uint32_t i = 0; i < 2; i++, m += TILES, y++) {
        s->bias = (int32_t)record[i];
        s->mult = (int32_t)record[2 + i];
        if (rows == 2 && cols == 2 * TILES) {
            ew_winograd_output__dsp(m, y, s);
        } else {
            finish_partly(m, y, s, rows, cols);
        }
    }
}

/* Input of four tiles from (row, col) on; a copy with x_zero around it where that leaves the input. */
static const int8_t *input_of(const ew_conv_s8_t *p, const int8_t *x, int32_t row, int32_t col, int8_t *border,
                              int32_t *row_bytes)
{
    const int32_t in_c = p->in_c;
    const uint32_t zeros = ew_four_bytes(p->x_zero);
    const int32_t before = col < 0 ? -col : 0;
    const int32_t seen = (col + COLS > p->in_w ? p->in_w - col : COLS) - before;
    int8_t *to = border;
    *row_bytes = p->in_w * in_c;
    const int at_end = row + 4 == p->in_h && col + COLS == p->in_w; /* one byte behind the last pixel is read too */
    if (row >= 0 && row + 4 <= p->in_h && seen == COLS && !at_end) {
        return x + row * *row_bytes + col * in_c;
    }
    for (int32_t i = 0; i < 4; i++, row++) {
        if (row < 0 || row >= p->in_h || seen <= 0) {
            to = ew_fill__dsp(to, zeros, COLS * in_c);
            continue;
        }
        to = ew_fill__dsp(to, zeros, before * in_c);
        to = ew_copy__dsp(to, x + row * *row_bytes + (col + before) * in_c, seen * in_c);
        to = ew_fill__dsp(to, zeros, (COLS - before - seen) * in_c);
    }
    *row_bytes = COLS * in_c;
    return border;
}

void ew_conv_winograd_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int32_t in_c = p->in_c, out_c = p->out_c, out_row = p->out_w * out_c;
    const uint32_t kpairs = (uint32_t)in_c / 2;
    const ew_winograd__dsp_t shape = {ew_winograd_entry__dsp(kpairs), KPAIR_WORDS * 4 * kpairs};
    uint32_t *const v = (uint32_t *)scratch;
    int32_t *const m = (int32_t *)(v + KPAIR_WORDS * kpairs);
    int8_t *const border = (int8_t *)(m + POSITIONS * 2 * TILES);
    ew_winograd_output__dsp_t output = {0, 0, p->y_zero, out_c, out_row};
    for (int32_t r = 0; r < p->out_h; r += 2) {
        const int32_t rows = p->out_h - r < 2 ? 1 : 2;
        for (int32_t q = 0; q < p->out_w; q += 2 * TILES) {
            const int32_t cols = p->out_w - q < 2 * TILES ? p->out_w - q : 2 * TILES;
            const uint32_t *u = (const uint32_t *)p->w;
            int32_t row_bytes;
            const int8_t *from = input_of(p, x, r - p->pad_top, q - p->pad_left, border, &row_bytes);
            for (int32_t c = 0; c < in_c; c += 4) {
                uint32_t *to = v + c / 2 * KPAIR_WORDS;
                ew_winograd_input__dsp(from + c, row_bytes, in_c, to);
                ew_winograd_input__dsp(from + c + 1, row_bytes, in_c, to + KPAIR_WORDS);
            }
            for (int32_t o = 0; o < out_c; o += 2) {
                const int32_t first = o + 2 <= out_c ? o : out_c - 2;
                ew_winograd_gemm__dsp(v, u, m, &shape);
                u += POSITIONS * kpairs * 2;
                finish(m, u, y + r * out_row + q * out_c + first, &output, rows, cols);
                u += 4;
            }
        }
    }
    ew_clamp__dsp(y, (uint32_t)(p->out_h * out_row), p->act_min, p->act_max);
}
