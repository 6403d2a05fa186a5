/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm.h: the matrix product under convolutions and fully connected layers on Raspberry Pi.
 *
 *   y[r][o] = requantize(bias[o] + sum_i w[o][i] * x[r][i]),  r < rows, o < out_c, i < k
 *
 * Each ISA has one body, ew_gemm__<isa>, with its own order of weights, bias and multipliers in w
 * (described beside the code that makes it, edgewright/kernels/neon/dense.py and its siblings).
 */
#ifndef EW_GEMM_H
#define EW_GEMM_H

#include <stdint.h>
#include <string.h>

/* A body reads each row of x up to the next multiple of this; weights there are zero. */
#define EW_GEMM_READ_BYTES 16u

typedef struct {
    const int8_t *w;
    uint32_t k, out_c;
    uint8_t shift;
    int8_t y_zero, act_min, act_max;
} ew_gemm_t;

/* x: rows `x_pitch` bytes apart, each readable up to k rounded up to EW_GEMM_READ_BYTES.
 * y: rows out_c bytes apart; nothing outside them is written. */
typedef void ew_gemm_fn(const ew_gemm_t *g, const int8_t *x, uint32_t x_pitch, int8_t *y, uint32_t rows);

/* ew_gemm__armv7_neon is two bodies: sums along k in lanes, or outputs in lanes where k is short. */
static inline int ew_gemm_uses_lanes(const ew_gemm_t *g)
{
    return g->k <= 28 && g->out_c >= 8;
}

ew_gemm_fn ew_gemm_lanes__armv7_neon;
ew_gemm_fn ew_gemm__neon, ew_gemm__sdot, ew_gemm__armv7_neon;

static inline uint32_t ew_gemm_row_bytes(uint32_t k)
{
    return (k + EW_GEMM_READ_BYTES - 1) & ~(EW_GEMM_READ_BYTES - 1);
}

/* The product of rows that end `x_bytes` behind x: the last ones, where a body would read farther, are
 * copied to scratch, which holds ceil(15 / x_pitch) rows (at most 15) of ew_gemm_row_bytes(k) bytes. */
static inline void ew_gemm_bounded(ew_gemm_fn *gemm, const ew_gemm_t *g, const int8_t *x, uint32_t x_bytes,
                                   uint32_t x_pitch, int8_t *y, uint32_t rows, int8_t *scratch)
{
    const uint32_t row_bytes = ew_gemm_row_bytes(g->k);
    uint32_t inside = rows;
    while (inside && (inside - 1) * x_pitch + row_bytes > x_bytes) {
        inside--;
    }
    gemm(g, x, x_pitch, y, inside);
    for (uint32_t r = inside; r < rows; r++) {
        memcpy(scratch + (r - inside) * row_bytes, x + r * x_pitch, g->k);
    }
    if (inside < rows) {
        gemm(g, scratch, row_bytes, y + inside * g->out_c, rows - inside);
    }
}

#endif
