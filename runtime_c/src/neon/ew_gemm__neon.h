/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__neon.h: the matrix product under convolutions and fully connected layers (AArch64, NEON).
 *
 *   y[r][o] = requantize(bias[o] + sum_s,i w[o][s][i] * x[r * x_step + s * segment_step + i]),
 *   s < segments, i < run
 *
 * A row is a window: `segments` runs of bytes that are read where they lie. One byte behind a run of odd length is
 * read. The order of weights, bias and multipliers is described in edgewright/kernels/neon/dense.py.
 */
#ifndef EW_GEMM__NEON_H
#define EW_GEMM__NEON_H

#include "advsimd/ew_gemm.h"
#include "c/ew_layout.h"
#include "ew_kernels.h"
#include "neon/ew_output__neon.h"

/* What ew_gemm_block__neon.S knows of a block of outputs, at the offsets that stand behind the lines. */
typedef struct {
    const int8_t *w;                             /*   0 */
    uint64_t x_step;                             /*   8: bytes from row to row of x */
    uint64_t y_step;                             /*  16 */
    uint64_t segments;                           /*  24: that have steps of eight */
    uint64_t eights;                             /*  32: steps of eight inputs in a segment */
    uint64_t eight_step;                         /*  40: bytes from one to the next */
    uint64_t skip;                               /*  48: bytes from behind the last one to the next segment */
    uint64_t segment_step;                       /*  56 */
    uint32_t fours, twos, fours_from, twos_from; /* 64: steps of four and two inputs, where they begin in a segment */
    int16x8_t zero;                              /*  80 */
    int8x16_t min, max;                          /*  96 */
    int32x4_t shift;                             /* 128 */
    uint32_t flags;                              /* 144: EW_GEMM_... */
} ew_gemm_block_t;
EW_LAYOUT(ew_gemm_block_t, 17, w, 0, x_step, 8, y_step, 16, segments, 24, eights, 32, eight_step, 40, skip, 48,
          segment_step, 56, fours, 64, twos, 68, fours_from, 72, twos_from, 76, zero, 80, min, 96, max, 112, shift, 128,
          flags, 144);

#define EW_GEMM_SHIFTED 1u
#define EW_GEMM_CLAMPED 2u
#define EW_GEMM_WIDE    4u /* a scaled sum may not fit int16 */

/* `blocks` times 16, 8 or 4 outputs of `rows` rows; a block that would lie behind y = last is moved back there.
 * The weights behind them are returned. */
typedef const int8_t *ew_gemm_block_fn(const ew_gemm_block_t *g, const int8_t *x, int8_t *y, uint64_t rows,
                                       uint64_t blocks, int8_t *last);
ew_gemm_block_fn ew_gemm_16__neon, ew_gemm_8__neon, ew_gemm_4__neon;

typedef struct {
    ew_gemm_block_t block;
    uint32_t out_c;
} ew_gemm__neon_t;

/* The product of windows of `segments` runs of g->k / segments bytes. */
ew_gemm__neon_t ew_gemm_of__neon(const ew_gemm_t *g, uint32_t segments, uint32_t segment_step, uint32_t x_step);

/* `rows` rows of it; y: rows out_c bytes apart. */
void ew_gemm_rows__neon(const ew_gemm__neon_t *gemm, const int8_t *x, int8_t *y, uint32_t rows);

/* Rows of g->k bytes that end at x_end; where k is odd, the last one is copied to k + 1 bytes of scratch. */
void ew_gemm_bounded__neon(const ew_gemm_t *g, const int8_t *x, const int8_t *x_end, uint32_t x_step, int8_t *y,
                           uint32_t rows, int8_t *scratch);

#endif
