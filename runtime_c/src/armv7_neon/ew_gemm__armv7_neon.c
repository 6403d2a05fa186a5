/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__armv7_neon.c: rows of bytes times quads of outputs. w: for each quad its steps of 8 inputs (first, where
 * their number is odd) and of 16, each step output by output; then int32 bias, half of int32 mult. */
/* GCC's first scheduling pass spills the accumulators, and -Os does not unroll the blocks. */
#pragma GCC optimize("O3,no-schedule-insns,no-tree-pre")

#include "advsimd/ew_gemm.h"
#include "armv7_neon/ew_output__armv7_neon.h"
#include "armv7_neon/ew_stream__armv7_neon.h"

#define QUAD 4

/* How a block walks along k: eight inputs if `starts_with_8`, else sixteen; sixteen more if `has_odd_16`; then 32
 * at a time. */
typedef struct {
    uint32_t steps_of_32;
    int starts_with_8, has_odd_16;
} walk_t;

/* Accumulators of one or two rows and four outputs, each four partial sums. */
typedef struct {
    int32x4_t sum[2][QUAD];
} block_t;

/* Eight products per output.  Bounds: |x * w| <= 2^14 fits int16. */
EW_INLINE void first_8(block_t *b, int rows, const int8_t *x[2], const int8_t **w)
{
    int8x8_t xr[2];
    for (int r = 0; r < rows; r++) {
        xr[r] = ew_next_8(&x[r], 8);
    }
    for (int o = 0; o < QUAD; o++) {
        const int8x8_t wo = ew_next_8(w, 8);
        for (int r = 0; r < rows; r++) {
            b->sum[r][o] = vpaddlq_s16(vmull_s8(xr[r], wo));
        }
    }
}

/* Sixteen products per output, two to an int16 lane.
 * Bounds: the packing checks |w[i]| + |w[i + 8]| <= 255, and 255 * 128 < 2^15. */
EW_INLINE void sixteen(block_t *b, int rows, int is_first, const int8_t *x[2], const int8_t **w)
{
    int8x16_t xr[2];
    for (int r = 0; r < rows; r++) {
        xr[r] = ew_next_16(&x[r]);
    }
    for (int o = 0; o < QUAD; o++) {
        const int8x16_t wo = ew_next_16(w);
        for (int r = 0; r < rows; r++) {
            int16x8_t t = vmull_s8(vget_low_s8(xr[r]), vget_low_s8(wo));
            t = vmlal_s8(t, vget_high_s8(xr[r]), vget_high_s8(wo));
            b->sum[r][o] = is_first ? vpaddlq_s16(t) : vpadalq_s16(b->sum[r][o], t);
        }
    }
}

EW_INLINE int32x2_t halves(int32x4_t v)
{
    return vpadd_s32(vget_low_s32(v), vget_high_s32(v));
}

/* Four outputs of a row from their partial sums. */
EW_INLINE int32x4_t total(const int32x4_t sum[QUAD])
{
    return vcombine_s32(vpadd_s32(halves(sum[0]), halves(sum[1])), vpadd_s32(halves(sum[2]), halves(sum[3])));
}

/* Four outputs of each row (a single row stands twice); w is left behind them. */
EW_INLINE int32x2_t block(const walk_t *k, int rows, const int8_t *x, uint32_t pitch, const int8_t **w,
                          const ew_output__armv7_neon_t *out)
{
    const int8_t *xr[2] = {x, x + pitch};
    block_t b;
    if (k->starts_with_8) {
        first_8(&b, rows, xr, w);
    } else {
        sixteen(&b, rows, 1, xr, w);
    }
    if (k->has_odd_16) {
        sixteen(&b, rows, 0, xr, w);
    }
    for (uint32_t left = k->steps_of_32; left; left--) {
        sixteen(&b, rows, 0, xr, w);
        sixteen(&b, rows, 0, xr, w);
    }
    const int32x4_t bias = vreinterpretq_s32_s8(ew_next_16(w)), mult = vreinterpretq_s32_s8(ew_next_16(w));
    int32x4_t acc[2];
    for (int r = 0; r < 2; r++) {
        acc[r] = r < rows ? vaddq_s32(total(b.sum[r]), bias) : acc[0];
    }
    ew_shift__armv7_neon(acc, 2, out);
    return vreinterpret_s32_s8(ew_requantized__armv7_neon(acc[0], acc[1], mult, mult, out));
}

/* All outputs of one or two rows, at least four; the last quad is moved back to end with the last output. */
EW_INLINE void strip(const walk_t *k, int rows, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                     uint32_t out_c, const ew_output__armv7_neon_t *out)
{
    int8_t *const last = y + out_c - QUAD;
    for (; y < last + QUAD; y += QUAD) {
        const int32x2_t v = block(k, rows, x, pitch, &w, out);
        y = y < last ? y : last;
        vst1_lane_s32((void *)y, v, 0);
        if (rows == 2) {
            vst1_lane_s32((void *)(y + out_c), v, 1);
        }
    }
}

static void wide(const walk_t *walk, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y, uint32_t out_c,
                 uint32_t rows, const ew_output__armv7_neon_t *to)
{
    const ew_output__armv7_neon_t out = *to; /* Order: copies, as stores to y may alias what a pointer leads to. */
    const walk_t k = *walk;
    for (; rows >= 2; rows -= 2, x += 2 * pitch, y += 2 * out_c) {
        strip(&k, 2, x, pitch, w, y, out_c, &out);
    }
    if (rows) {
        strip(&k, 1, x, pitch, w, y, out_c, &out);
    }
}

void ew_gemm__armv7_neon(const ew_gemm_t *g, const int8_t *x, uint32_t x_pitch, int8_t *y, uint32_t rows)
{
    if (ew_gemm_uses_lanes(g)) {
        ew_gemm_lanes__armv7_neon(g, x, x_pitch, y, rows);
        return;
    }
    const ew_output__armv7_neon_t out = ew_output__armv7_neon(g->shift, g->y_zero, g->act_min, g->act_max);
    const uint32_t eights = (g->k + 7) / 8, sixteens = (eights - 1) / 2;
    const walk_t k = {sixteens / 2, (int)(eights & 1), (int)(sixteens & 1)};
    if (g->out_c >= QUAD) {
        wide(&k, x, x_pitch, g->w, y, g->out_c, rows, &out);
        return;
    }
    for (; rows; rows--, x += x_pitch, y += g->out_c) {
        int8_t quad[QUAD];
        wide(&k, x, x_pitch, g->w, quad, QUAD, 1, &out);
        memcpy(y, quad, g->out_c);
    }
}
