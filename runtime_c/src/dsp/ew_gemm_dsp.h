/* ew_gemm_dsp.h: the pair-weight GEMM behind convolutions and fully connected layers, and the widening of its
 * input. ew_gemm_px4_dsp.S holds the description of weights, streams and arithmetic.
 *
 * Order of K: the window of an output is `runs` pieces of `length` consecutive bytes. Each whole group of four bytes
 * gives the pairs (0, 2), (1, 3), as SXTB16 yields them; the length % 4 bytes that are left over of every run are
 * collected behind all groups, in order, two to a pair; a last odd one is paired with anything (its weight is 0). */
#ifndef EW_GEMM_DSP_H
#define EW_GEMM_DSP_H

#include "ew_dsp.h"

/* Operands of one layer. The assembly copies it to its stack as it stands; `out` and `end` are slots it works in. */
typedef struct {
    uint32_t px_stride; /* bytes from one output pixel to the next */
    int8_t *out;
    int32_t y_zero;
    const uint32_t *a; /* widened input, [kpairs][4] or [kpairs] */
    const uint32_t *end;
    const uint32_t *a_end; /* behind the last K pair */
    uint32_t entry;        /* ew_gemm_entry_px4_dsp(kpairs) */
    const uint32_t *w;     /* weight stream */
} ew_gemm_dsp_t;

const uint32_t *ew_gemm_px4_dsp(const ew_gemm_dsp_t *g, int8_t *y);
const uint32_t *ew_gemm_px1_dsp(const ew_gemm_dsp_t *g, int8_t *y);
uint32_t ew_gemm_entry_px4_dsp(uint32_t kpairs);
const uint32_t *ew_fc4_dsp(const ew_gemm_dsp_t *g, int8_t *y);

/* The channels that could not be paired, behind the pairs: { count, then each { channel, stream of its own } }. */
void ew_gemm_singles_dsp(const ew_gemm_dsp_t *g, const uint32_t *singles, int8_t *y, uint32_t pixels);

/* Outputs of 4 pixels, or of 1, from their widened inputs. */
static inline void ew_gemm_block4_dsp(const ew_gemm_dsp_t *g, int8_t *y)
{
    const uint32_t *singles = ew_gemm_px4_dsp(g, y);
    if (*singles) {
        ew_gemm_singles_dsp(g, singles, y, 4);
    }
}

static inline void ew_gemm_block1_dsp(const ew_gemm_dsp_t *g, int8_t *y)
{
    const uint32_t *singles = ew_gemm_px1_dsp(g, y);
    if (*singles) {
        ew_gemm_singles_dsp(g, singles, y, 1);
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
} ew_windows_dsp_t;

void ew_widen_px4_dsp(const ew_windows_dsp_t *windows, uint32_t *d, ew_half_s16_t *rest);

/* Left over byte number `at` of pairs of `lanes` words that begin at d. */
static inline ew_half_s16_t *ew_rest_at(uint32_t *d, uint32_t lanes, uint32_t at)
{
    return (ew_half_s16_t *)(d + at / 2 * lanes) + at % 2;
}

/* One run of a single pixel: its whole groups to d, result: behind them; its left over bytes to `rest`. */
uint32_t *ew_widen_px1_dsp(const int8_t *x, uint32_t length, uint32_t *d, ew_half_s16_t *rest);

#endif
