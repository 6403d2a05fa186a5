/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_lanes__armv7_neon.c: short rows of bytes times eight outputs in lanes. w: for each eight outputs int32 bias,
 * half of int32 mult, then their int16 weights input by input. */
/* -Os does not unroll the blocks; the first scheduling pass spills them. */
#pragma GCC optimize("O3,no-schedule-insns,no-tree-pre")

#include "advsimd/ew_gemm.h"
#include "armv7_neon/ew_output__armv7_neon.h"
#include "armv7_neon/ew_stream__armv7_neon.h"

#define MAX_ROWS 4
#define LANES    8

/* Eight outputs of each row, four to a vector. */
typedef struct {
    int32x4_t sum[MAX_ROWS][2];
} block_t;

/* One input of every row by its lane. w: an int16 weight for each output. */
#define STEP(lane)                                                                            \
    do {                                                                                      \
        const int16x8_t wk = vreinterpretq_s16_s8(ew_next_16(&w));                            \
        for (int r = 0; r < rows; r++) {                                                      \
            const int16x4_t half = (lane) < 4 ? vget_low_s16(xr[r]) : vget_high_s16(xr[r]);   \
            b->sum[r][0] = vmlal_lane_s16(b->sum[r][0], vget_low_s16(wk), half, (lane) % 4);  \
            b->sum[r][1] = vmlal_lane_s16(b->sum[r][1], vget_high_s16(wk), half, (lane) % 4); \
        }                                                                                     \
    } while (0)

/* Four or eight inputs; the weights behind them. */
EW_INLINE const int8_t *inputs(block_t *b, int rows, int count, const int8_t *x, uint32_t pitch, const int8_t *w)
{
    int16x8_t xr[MAX_ROWS];
    for (int r = 0; r < rows; r++) {
        xr[r] = vmovl_s8(vld1_s8(x + (uint32_t)r * pitch));
    }
    STEP(0);
    STEP(1);
    STEP(2);
    STEP(3);
    if (count == 8) {
        STEP(4);
        STEP(5);
        STEP(6);
        STEP(7);
    }
    return w;
}

/* Eight outputs of each row; the weights behind them. */
EW_INLINE const int8_t *block(uint32_t k, int rows, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                              uint32_t y_pitch, const ew_output__armv7_neon_t *out)
{
    const int8_t *parameters = w + 32;
    block_t b;
    for (int q = 0; q < 2; q++) {
        const int32x4_t bias = vreinterpretq_s32_s8(vld1q_s8(w + 16 * q));
        for (int r = 0; r < rows; r++) {
            b.sum[r][q] = bias;
        }
    }
    w += 8 * LANES;
    for (uint32_t left = (k + 3) / 8; left; left--, x += 8) {
        w = inputs(&b, rows, 8, x, pitch, w);
    }
    if ((k - 1) % 8 < 4) {
        w = inputs(&b, rows, 4, x, pitch, w);
    }
    const int32x4_t low = vreinterpretq_s32_s8(ew_next_16(&parameters));
    const int32x4_t high = vreinterpretq_s32_s8(ew_next_16(&parameters));
    for (int r = 0; r < rows; r++) {
        ew_shift__armv7_neon(b.sum[r], 2, out);
    }
    for (int r = 0; r < rows; r++, y += y_pitch) {
        vst1_s8(y, ew_requantized__armv7_neon(b.sum[r][0], b.sum[r][1], low, high, out));
    }
    return w;
}

/* All outputs of `rows` rows; the last block is moved back to end with the last output. */
EW_INLINE void strip(const ew_gemm_t *g, int rows, const int8_t *x, uint32_t pitch, int8_t *y,
                     const ew_output__armv7_neon_t *out)
{
    int8_t *const last = y + g->out_c - LANES;
    const int8_t *w = g->w;
    for (int8_t *at = y; at < last + LANES; at += LANES) {
        w = block(g->k, rows, x, pitch, w, at < last ? at : last, g->out_c, out);
    }
}

void ew_gemm_lanes__armv7_neon(const ew_gemm_t *g, const int8_t *x, uint32_t x_pitch, int8_t *y, uint32_t rows)
{
    const ew_output__armv7_neon_t out = ew_output__armv7_neon(g->shift, g->y_zero, g->act_min, g->act_max);
    const ew_gemm_t local = *g;
    for (; rows >= MAX_ROWS; rows -= MAX_ROWS, x += MAX_ROWS * x_pitch, y += MAX_ROWS * local.out_c) {
        strip(&local, MAX_ROWS, x, x_pitch, y, &out);
    }
    for (; rows; rows--, x += x_pitch, y += local.out_c) {
        strip(&local, 1, x, x_pitch, y, &out);
    }
}
