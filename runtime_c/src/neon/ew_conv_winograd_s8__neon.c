/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_winograd_s8__neon.c:
 * Winograd convolution F(4x4, 3x3) with exact integers: 36 products for 16 outputs of 9 products each.
 *
 * Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (2016), section 4.3. The rows of their G,
 * 24 times as large, are divided by 1, -1, -1, 1, 1 and 2, which their B and A take over:
 *
 *       6  0  0        4  0 -5  0  1  0        1  1  1  1  1  0
 *       4  4  4        0  4  4 -1 -1  0        0  1 -1  2 -2  0
 *   G = 4 -4  4   B^T= 0 -4  4  1 -1  0   A^T= 0  1  1  4  4  0
 *       1  2  4        0 -2 -1  2  1  0        0  1 -1  8 -8  2
 *       1 -2  4        0  2 -1 -2  1  0
 *       0  0 12        0  4  0 -5  0  1
 *
 * Bounds: rows of B^T sum to 10 in size, and 10 * 10 * 128 < 2^15; those of G to 12, and 12 * 12 * 128 < 2^15.
 * Products, their sums and A^T . A are taken modulo 2^32, and are 576 times the exact sums there. The inverse of 9
 * makes that 64 times, and the planner proves that a sum is less than 2^25 in size. */
#include "advsimd/ew_panel.h"
#include "c/ew_layout.h"
#include "neon/ew_kernels__neon.h"
#include "neon/ew_output__neon.h"

#define TILE       4u  /* outputs along each side */
#define POSITIONS  36u /* 6 * 6 */
#define OCTET      8u
#define MOST_TILES 16u /* in scratch together; rows of tiles are not divided */
#define INVERSE_9  0x38E38E39u

/* What the last step knows of eight outputs. */
typedef struct {
    uint32_t bias_576[8]; /* added at position (1, 1), which counts once in each output */
    int32_t half_mult[8];
    int32x4_t shift;       /* minus 6: sums are 64 times the exact ones */
    uint32_t constants[4]; /* 4, 8, 2, INVERSE_9 */
    int16x8_t zero;
    int8x16_t min, max;
} scale_t;
EW_LAYOUT(scale_t, 7, bias_576, 0, half_mult, 32, shift, 64, constants, 80, zero, 96, min, 112, max, 128);

/* Sums of eight or four tiles: u [36][8 * octets][8], v [36][octets][tiles][8], m [36][tiles][8]. */
void ew_winograd_8__neon(const int16_t *u, const int16_t *v, uint32_t *m, uint64_t octets);
void ew_winograd_4__neon(const int16_t *u, const int16_t *v, uint32_t *m, uint64_t octets);
/* B^T along `width` columns of six rows, for eight channels; columns [6][width][8]. */
void ew_winograd_columns__neon(const int8_t *x, uint64_t x_row_bytes, uint64_t x_step, int16_t *columns,
                               uint64_t width);
/* B^T along the six rows of a tile; its positions are v_step_bytes apart. */
void ew_winograd_tile__neon(const int16_t *columns, uint64_t row_bytes, int16_t *v, uint64_t v_step_bytes);
/* G w G^T of eight outputs: w [inputs][9][8] to u [36][inputs][8]. */
void ew_winograd_weights__neon(const int8_t *w, int16_t *u, uint64_t inputs);
/* Eight outputs of the sixteen pixels of a tile; its positions are m_step_bytes apart. */
void ew_winograd_finish__neon(const scale_t *scale, const uint32_t *m, uint64_t m_step_bytes, int8_t *y,
                              uint64_t y_row_bytes, uint64_t pixel_bytes);

typedef struct {
    const ew_conv_s8_t *p;
    ew_panel_t panel;
    uint32_t octets;                /* of input channels */
    uint32_t tile_rows, tile_width; /* tiles of the whole output */
    int16_t *columns;               /* [6][4 * tile_width + 2][8]: B^T of one octet of channels of the panel */
    int16_t *v, *u;
    uint32_t *m;
} winograd_t;

static inline uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Tiles that are multiplied together: eight, or the last four. */
static inline uint32_t group_size(uint32_t left)
{
    return left > 4 ? 8 : 4;
}

/* The inputs of all tiles in rows of tiles [first, last). */
static void transform_inputs(const winograd_t *w, uint32_t first, uint32_t last)
{
    const uint32_t tiles = (last - first) * w->tile_width, width = TILE * w->tile_width + 2;
    for (uint32_t row = first, before = 0; row < last; row++, before += w->tile_width) {
        ew_panel_fill(&w->panel, row * TILE);
        for (uint32_t octet = 0; octet < w->octets; octet++) {
            ew_winograd_columns__neon(w->panel.rows + octet * OCTET, w->panel.row_bytes, w->p->in_c, w->columns, width);
            for (uint32_t t = 0; t < w->tile_width; t++) {
                const uint32_t n = before + t, begin = n & ~7u, size = group_size(tiles - begin);
                int16_t *const group = w->v + begin * POSITIONS * w->octets * OCTET;
                ew_winograd_tile__neon(w->columns + t * TILE * OCTET, width * OCTET * 2,
                                       group + (octet * size + n - begin) * OCTET, w->octets * size * OCTET * 2);
            }
        }
    }
}

/* The part of a tile that lies in the output; y: its first pixel. */
static void finish_tile(const winograd_t *w, const scale_t *scale, const uint32_t *m, uint32_t m_step_bytes,
                        uint32_t row, uint32_t column, int8_t *y)
{
    const uint32_t out_c = w->p->out_c, y_row = w->p->out_w * out_c;
    const uint32_t rows = smaller(w->p->out_h - row, TILE), columns = smaller(w->p->out_w - column, TILE);
    if (rows == TILE && columns == TILE) {
        ew_winograd_finish__neon(scale, m, m_step_bytes, y, y_row, out_c);
        return;
    }
    int8_t pixels[TILE][TILE][OCTET];
    ew_winograd_finish__neon(scale, m, m_step_bytes, pixels[0][0], sizeof pixels[0], OCTET);
    for (uint32_t i = 0; i < rows; i++, y += y_row) {
        for (uint32_t j = 0; j < columns; j++) {
            memcpy(y + j * out_c, pixels[i][j], OCTET);
        }
    }
}

/* Eight outputs of all tiles in rows of tiles [first, last); y: the first of them in the first of these rows. */
static void finish_outputs(const winograd_t *w, const scale_t *scale, uint32_t first, uint32_t last, int8_t *y)
{
    const uint32_t tiles = (last - first) * w->tile_width, out_c = w->p->out_c;
    uint32_t row = first, column = 0;
    for (uint32_t begin = 0; begin < tiles; begin += 8) {
        const uint32_t size = group_size(tiles - begin), end = smaller(begin + size, tiles);
        const int16_t *const v = w->v + begin * POSITIONS * w->octets * OCTET;
        (size == 8 ? ew_winograd_8__neon : ew_winograd_4__neon)(w->u, v, w->m, w->octets);
        for (uint32_t n = begin; n < end; n++, column++) {
            if (column == w->tile_width) {
                column = 0;
                row++;
            }
            finish_tile(w, scale, w->m + (n - begin) * OCTET, size * OCTET * 4, row * TILE, column * TILE,
                        y + TILE * (row * w->p->out_w + column) * out_c);
        }
    }
}

/* in_c and out_c are multiples of eight. The layout of scratch has its twin in kernels/neon/winograd.py. */
void ew_conv_winograd_s8__neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_conv_s8_t whole = *p; /* with all outputs of all tiles */
    const ew_output__neon_t out = ew_output__neon(p->shift, p->y_zero, p->act_min, p->act_max);
    scale_t scale = {{0}, {0}, vdupq_n_s32(p->shift - 6), {4, 8, 2, INVERSE_9}, out.zero, out.min, out.max};
    winograd_t w = {.p = p,
                    .octets = p->in_c / OCTET,
                    .tile_rows = (p->out_h + TILE - 1) / TILE,
                    .tile_width = (p->out_w + TILE - 1) / TILE};
    const uint32_t rows = smaller(w.tile_width > MOST_TILES ? 1 : MOST_TILES / w.tile_width, w.tile_rows);
    whole.out_h = (uint16_t)(w.tile_rows * TILE);
    whole.out_w = (uint16_t)(w.tile_width * TILE);
    w.panel = ew_panel_begin(&whole, x, scratch, 1);
    w.columns = (void *)ew_panel_end(&w.panel);
    w.panel.most_rows = TILE;
    w.u = w.columns + 6 * (whole.out_w + 2u) * OCTET;
    w.m = (void *)(w.u + POSITIONS * OCTET * p->in_c);
    w.v = (void *)(w.m + 8 * POSITIONS * OCTET);
    for (uint32_t first = 0; first < w.tile_rows; first += rows) {
        const uint32_t last = smaller(first + rows, w.tile_rows);
        const int8_t *weights = p->w;
        transform_inputs(&w, first, last);
        for (uint32_t channel = 0; channel < p->out_c; channel += OCTET) {
            ew_winograd_weights__neon(weights, w.u, p->in_c);
            weights += 9 * OCTET * p->in_c;
            memcpy(&scale, weights, 64);
            weights += 64;
            finish_outputs(&w, &scale, first, last, y + channel);
        }
    }
}
