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

/* Whole groups of a run of 4 pixels that stand `step` bytes apart: [2 * groups][4] words at d; result: behind them. */
static inline uint32_t *ew_widen_px4_dsp(const int8_t *x, uint32_t step, uint32_t groups, uint32_t *d)
{
    const int8_t *x1 = x + step, *x2 = x1 + step, *x3 = x2 + step;
    for (; groups; groups--, d += 8) {
        const uint32_t v0 = ew_load_s8x4(x), v1 = ew_load_s8x4(x1), v2 = ew_load_s8x4(x2), v3 = ew_load_s8x4(x3);
        x += 4, x1 += 4, x2 += 4, x3 += 4;
        d[0] = ew_sxtb16(v0);
        d[1] = ew_sxtb16(v1);
        d[2] = ew_sxtb16(v2);
        d[3] = ew_sxtb16(v3);
        d[4] = ew_sxtb16_odd(v0);
        d[5] = ew_sxtb16_odd(v1);
        d[6] = ew_sxtb16_odd(v2);
        d[7] = ew_sxtb16_odd(v3);
    }
    return d;
}

/* Whole groups of a run of one pixel, its words `lanes` apart. */
static inline uint32_t *ew_widen_px1_dsp(const int8_t *x, uint32_t groups, uint32_t *d, uint32_t lanes)
{
    for (; groups; groups--, x += 4, d += 2 * lanes) {
        const uint32_t v = ew_load_s8x4(x);
        d[0] = ew_sxtb16(v);
        d[lanes] = ew_sxtb16_odd(v);
    }
    return d;
}

/* The left over bytes of a run, as number `at` and following of the pairs that begin at d. */
static inline void ew_widen_rest_dsp(const int8_t *x, uint32_t count, uint32_t *d, uint32_t lanes, uint32_t at)
{
    for (; count; count--, x++, at++) {
        ((ew_half_s16_t *)(d + at / 2 * lanes))[at % 2] = *x;
    }
}

#endif
