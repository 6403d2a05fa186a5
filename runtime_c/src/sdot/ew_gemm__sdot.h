/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__sdot.h: a matrix product whose rows lie in several runs and lines, and the inner part of ew_gemm__sdot. */
#ifndef EW_GEMM__SDOT_H
#define EW_GEMM__SDOT_H

#include "advsimd/ew_gemm.h"
#include "c/ew_layout.h"
#include "ew_kernels.h"

/* Lines of rows, line_bytes apart; a row is `runs` runs of k inputs, run_bytes apart. */
typedef struct {
    uint32_t runs, run_bytes;
    uint32_t x_pitch, rows; /* as ew_gemm_fn */
    uint32_t line_bytes, lines;
} ew_gemm_lines_t;

/* ew_gemm_fn for several lines, whose outputs follow each other. The weights of each run are filled up with zeros to
 * a multiple of four. What may be read behind a row there may be read behind a run. */
void ew_gemm_lines__sdot(const ew_gemm_t *g, const ew_gemm_lines_t *lines, const int8_t *x, int8_t *y);

/* x: rows x_pitch bytes apart, of `runs` runs of k inputs, run_bytes apart. y: rows out_c bytes apart, out_c >= 16.
 * w: `blocks` blocks of sixteen outputs, the last of which goes to the last outputs of a row; each its bias int32,
 * sixteen outputs for each four inputs, half of mult int32.
 * is_narrow: no scaled sum leaves int16 (zero point included), shift is 0 and there are no limits. */
typedef struct {
    const int8_t *x;
    uint64_t x_pitch;
    int8_t *y;
    uint64_t out_c;
    const int8_t *w;
    uint64_t k, blocks, groups;
    uint64_t is_narrow, runs, run_bytes, unused;
    int32_t zero[16]; /* y_zero in each */
    int32_t shift[4];
    int8_t min[16], max[16];
} ew_gemm__sdot_t;
EW_LAYOUT(ew_gemm__sdot_t, 15, x, 0, x_pitch, 8, y, 16, out_c, 24, w, 32, k, 40, blocks, 48, groups, 56, is_narrow, 64,
          runs, 72, run_bytes, 80, zero, 96, shift, 160, min, 176, max, 192);

typedef void ew_gemm_core_fn(const ew_gemm__sdot_t *g);

/* `groups` groups of four rows, or of one; without `runs` in their name they take one run. */
ew_gemm_core_fn ew_gemm_fours__sdot, ew_gemm_fours_runs__sdot;
ew_gemm_core_fn ew_gemm_ones__sdot, ew_gemm_ones_runs__sdot;

/* Rows of up to 4, 8, 12 or 16 inputs in one run, `groups` of them, all for one block after the other; is_narrow only.
 */
ew_gemm_core_fn ew_gemm_short1__sdot, ew_gemm_short2__sdot, ew_gemm_short3__sdot, ew_gemm_short4__sdot;

/* Rows that pass one block before they pass the next, where there are several blocks. Kernels whose y may lie over x
 * count on it: the twin is kernels/sdot/conv.py. */
#define EW_GEMM_SHORT_ROWS 32u

#endif
