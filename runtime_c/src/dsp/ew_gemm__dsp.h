/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__dsp.h: the GEMM behind convolutions and fully connected layers, and the widening of its
 * input. ew_gemm_px4__dsp.S holds the description of weights, streams and arithmetic.
 *
 * Order of K: the window of an output is `runs` pieces of `length` consecutive bytes. Each whole group of four bytes
 * gives the pairs (0, 2), (1, 3), as SXTB16 yields them; the length % 4 bytes that are left over of every run are
 * collected behind all groups, in order, two to a pair; a last odd one is paired with anything (its weight is 0). */
#ifndef EW_GEMM__DSP_H
#define EW_GEMM__DSP_H

#include "c/ew_layout.h"
#include "ew_kernels.h"
#include "ew_simd__dsp.h"

typedef struct ew_gemm_core__dsp ew_gemm_core__dsp_t;

/* Operands of one layer. The assembly copies what stands before `core` to its stack; it works in `out` and `end`. */
typedef struct {
    uint32_t px_stride; /* bytes from one output pixel to the next */
    int8_t *out;
    int32_t y_zero;
    const uint32_t *a; /* widened input, [kpairs][4] or [kpairs] */
    const uint32_t *end;
    const uint32_t *a_end; /* behind the last K pair */
    uint32_t entry;        /* core->entry(kpairs) */
    const uint32_t *w;     /* weight stream */
    const ew_gemm_core__dsp_t *core;
} ew_gemm__dsp_t;
EW_LAYOUT(ew_gemm__dsp_t, 7, px_stride, 0, out, 4, y_zero, 8, a, 12, end, 16, a_end, 20, entry, 24);

typedef const uint32_t *ew_gemm__dsp_fn(const ew_gemm__dsp_t *g, int8_t *y);

/* One form of weights. */
struct ew_gemm_core__dsp {
    ew_gemm__dsp_fn *px4; /* four pixels */
    ew_gemm__dsp_fn *px1; /* one pixel; null: it is computed four times, with a pixel stride of 0 */
    uint32_t (*entry)(uint32_t kpairs);
};
extern const ew_gemm_core__dsp_t ew_gemm_pair__dsp, ew_gemm_w16__dsp;

ew_gemm__dsp_fn ew_gemm_pair_px4__dsp, ew_gemm_pair_px1__dsp, ew_gemm_w16_px4__dsp, ew_fc4__dsp;
uint32_t ew_gemm_pair_entry__dsp(uint32_t kpairs);
uint32_t ew_gemm_w16_entry__dsp(uint32_t kpairs);

/* The channels that could not be paired, behind the pairs: { count, then each { channel, stream of its own } }. */
void ew_gemm_singles__dsp(const ew_gemm__dsp_t *g, const uint32_t *singles, int8_t *y, ew_gemm__dsp_fn *core,
                          uint32_t pixels);

/* All outputs of four pixels or of one from their widened inputs, by core->px4 or core->px1. */
static inline void ew_gemm_block__dsp(const ew_gemm__dsp_t *g, int8_t *y, ew_gemm__dsp_fn *core, uint32_t pixels)
{
    const uint32_t *singles = core(g, y);
    if (*singles) {
        ew_gemm_singles__dsp(g, singles, y, core, pixels);
    }
}

static inline uint32_t ew_gemm_kpairs(uint32_t runs, uint32_t length)
{
    return runs * (length / 4) * 2 + (runs * (length % 4) + 1) / 2;
}

/* Where the windows of four pixels are read, and their shape. The assembly copies it to its stack as it stands. */
typedef struct {
    const int8_t *x[4]; /* the first run of each pixel */
    uint32_t groups;    /* whole groups of a run */
    uint32_t left;      /* bytes left over of a run, 0 to 3 */
    uint32_t runs;      /* 1 or more */
    uint32_t skip;      /* bytes from the end of a run to the next run */
} ew_windows__dsp_t;
EW_LAYOUT(ew_windows__dsp_t, 5, x, 0, groups, 16, left, 20, runs, 24, skip, 28);

void ew_widen_px4__dsp(const ew_windows__dsp_t *windows, uint32_t *d, ew_half_s16_t *rest);

/* Left over byte number `at` of pairs of `lanes` words that begin at d. */
static inline ew_half_s16_t *ew_rest_at(uint32_t *d, uint32_t lanes, uint32_t at)
{
    return (ew_half_s16_t *)(d + at / 2 * lanes) + at % 2;
}

/* One run of a single pixel: its whole groups to d, result: behind them; its left over bytes to `rest`. */
uint32_t *ew_widen_px1__dsp(const int8_t *x, uint32_t length, uint32_t *d, ew_half_s16_t *rest);

#endif
