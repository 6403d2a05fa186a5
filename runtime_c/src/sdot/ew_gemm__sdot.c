/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__sdot.c: rows of bytes times outputs, through assembly for sixteens and in intrinsics for the rest. */
/* -Os does not unroll the blocks; the first scheduling pass and regional allocation spill them. */
#pragma GCC optimize("O3,no-schedule-insns,no-code-hoisting,no-tree-pre,ira-region=one")

#include "sdot/ew_gemm__sdot.h"
#include "neon/ew_output__neon.h"

#define MAX_ROWS  8
#define MAX_QUADS 2
#define QUAD      4

/* Behind these are the weights; the first byte says whether all scaled sums fit int16 and shift is 0. */
#define HEADER_BYTES 16

/* How a row of x, `runs` runs of k inputs, meets the outputs: sixteen at a time, then eight, then four. */
typedef struct {
    uint32_t k, sixteens, octets, quads;
    uint32_t runs, run_bytes;
} walk_t;

/* Blocks of sixteen outputs as long as more than eight are left, then of eight, then one of four when four or fewer
 * are left; fewer than eight outputs are blocks of four only. */
static walk_t walk_over(uint32_t k, uint32_t out_c, uint32_t runs, uint32_t run_bytes)
{
    const uint32_t sixteens = out_c < 16 ? 0 : (out_c + 7) / 16;
    const uint32_t rest = sixteens * 16 < out_c ? out_c - sixteens * 16 : 0;
    walk_t walk = {k, sixteens, (rest + 3) / 8, rest % 8 > 0 && rest % 8 <= 4, runs, run_bytes};
    if (out_c < 8) {
        walk.octets = 0;
        walk.quads = (out_c + 3) / 4;
    }
    return walk;
}

/* Bytes of a block of sixteen outputs: bias, weights, half of mult. */
static inline uint32_t bytes_of_16(const walk_t *walk)
{
    return ((walk->k + 3) / 4 * walk->runs + 2) * 64;
}

/* Accumulators of `rows` rows and 4 * quads outputs; rows * quads <= 16. */
typedef struct {
    int32x4_t sum[MAX_ROWS][MAX_QUADS];
} block_t;

/* The next four inputs of 4 * quads outputs. */
EW_INLINE void next_weights(int quads, int8x16_t v[MAX_QUADS], const int8_t **w)
{
    for (int q = 0; q < quads; q++) {
        v[q] = vld1q_s8(*w + 16 * q);
    }
    *w += 16 * quads;
}

EW_INLINE void next_parameters(int quads, int32x4_t v[MAX_QUADS], const int8_t **w)
{
    for (int q = 0; q < quads; q++) {
        v[q] = vreinterpretq_s32_s8(vld1q_s8(*w + 16 * q));
    }
    *w += 16 * quads;
}

/* Four inputs per SDOT: sum[r][q] += x[r][4 * lane ...] . w[q], where w[q] holds four inputs of four outputs. */
#define STEP(lane)                                                                \
    do {                                                                          \
        int8x16_t wq[MAX_QUADS];                                                  \
        next_weights(quads, wq, w);                                               \
        for (int r = 0; r < rows; r++) {                                          \
            for (int q = 0; q < quads; q++) {                                     \
                b->sum[r][q] = vdotq_laneq_s32(b->sum[r][q], wq[q], xr[r], lane); \
            }                                                                     \
        }                                                                         \
    } while (0)

/* 4 * steps inputs, 1 to 4 steps. */
EW_INLINE void inputs(block_t *b, int rows, int quads, uint32_t steps, const int8_t *x, uint32_t pitch,
                      const int8_t **w)
{
    int8x16_t xr[MAX_ROWS];
    for (int r = 0; r < rows; r++) {
        xr[r] = vld1q_s8(x + (uint32_t)r * pitch);
    }
    STEP(0);
    if (steps > 1) {
        STEP(1);
    }
    if (steps > 2) {
        STEP(2);
    }
    if (steps > 3) {
        STEP(3);
    }
}

/* Eight outputs of a row, or four twice. */
EW_INLINE int16x8_t centred(const int32x4_t *sum, const int32x4_t *mult, int quads, const ew_output__neon_t *out)
{
    if (quads > 1) {
        return ew_centred__neon(sum[0], sum[1], mult[0], mult[1], out);
    }
    const int16x4_t half = ew_scaled__neon(sum[0], mult[0]);
    return vqaddq_s16(vcombine_s16(half, half), out->zero);
}

EW_INLINE void finish(block_t *b, int rows, int quads, const int8_t **w, int8_t *y, uint32_t y_pitch,
                      const ew_output__neon_t *out)
{
    int32x4_t mult[MAX_QUADS];
    next_parameters(quads, mult, w);
    for (int r = 0; r < rows; r++) {
        ew_shift__neon(b->sum[r], quads, out);
    }
    for (int r = 0; r < rows; r += 2, y += 2 * y_pitch) {
        const int16x8_t low = centred(b->sum[r], mult, quads, out);
        const int16x8_t high = r + 1 < rows ? centred(b->sum[r + 1], mult, quads, out) : low;
        const int8x16_t v = ew_narrowed__neon(low, high, out);
        if (quads == 2) {
            vst1_s8(y, vget_low_s8(v));
        } else {
            vst1q_lane_s32((void *)y, vreinterpretq_s32_s8(v), 0);
        }
        if (quads == 2 && r + 1 < rows) {
            vst1_s8(y + y_pitch, vget_high_s8(v));
        } else if (r + 1 < rows) {
            vst1q_lane_s32((void *)(y + y_pitch), vreinterpretq_s32_s8(v), 2);
        }
    }
}

/* k inputs of one run. */
EW_INLINE void run(block_t *b, uint32_t k, int rows, int quads, const int8_t *x, uint32_t pitch, const int8_t **w)
{
    for (uint32_t left = k / 32; left; left--, x += 32) {
        inputs(b, rows, quads, 4, x, pitch, w);
        inputs(b, rows, quads, 4, x + 16, pitch, w);
    }
    if (k & 16) {
        inputs(b, rows, quads, 4, x, pitch, w);
        x += 16;
    }
    if (k % 16) {
        inputs(b, rows, quads, (k % 16 + 3) / 4, x, pitch, w);
    }
}

/* 4 * quads outputs of `rows` rows; w is left behind their weights. */
EW_INLINE void block(const walk_t *walk, int rows, int quads, const int8_t *x, uint32_t pitch, const int8_t **w,
                     int8_t *y, uint32_t y_pitch, const ew_output__neon_t *out)
{
    block_t b;
    next_parameters(quads, b.sum[0], w);
    for (int r = 1; r < rows; r++) {
        for (int q = 0; q < quads; q++) {
            b.sum[r][q] = b.sum[0][q];
        }
    }
    for (uint32_t i = walk->runs; i; i--, x += walk->run_bytes) {
        run(&b, walk->k, rows, quads, x, pitch, w);
    }
    finish(&b, rows, quads, w, y, y_pitch, out);
}

/* The rest of the outputs of `rows` rows. */
EW_INLINE void strip_8(const walk_t *walk, int rows, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                       uint32_t out_c, const ew_output__neon_t *out)
{
    int8_t *const end = y + out_c;
    y += walk->sixteens * 16;
    w += walk->sixteens * bytes_of_16(walk);
    for (uint32_t left = walk->octets; left; left--, y += 8) {
        block(walk, rows, 2, x, pitch, &w, y < end - 8 ? y : end - 8, out_c, out);
    }
    for (uint32_t left = walk->quads; left; left--, y += 4) {
        block(walk, rows, 1, x, pitch, &w, y < end - 4 ? y : end - 4, out_c, out);
    }
}

/* Sixteen outputs at a time, few inputs. */
EW_INLINE void short_of_16(ew_gemm__sdot_t *inner, uint32_t rows)
{
    static ew_gemm_core_fn *const by_steps[] = {ew_gemm_short1__sdot, ew_gemm_short2__sdot, ew_gemm_short3__sdot,
                                                ew_gemm_short4__sdot};
    ew_gemm_core_fn *const compute = by_steps[(inner->k - 1) / 4];
    const uint32_t most = inner->blocks > 1 ? EW_GEMM_SHORT_ROWS : rows;
    for (uint32_t n; rows; rows -= n, inner->x += n * inner->x_pitch, inner->y += n * inner->out_c) {
        n = rows < most ? rows : most;
        inner->groups = n;
        compute(inner);
    }
}

/* What the inner part keeps for all lines. */
EW_INLINE void begin(ew_gemm__sdot_t *inner, const ew_gemm_t *g, const walk_t *walk, uint32_t x_pitch,
                     const ew_output__neon_t *out)
{
    inner->x_pitch = x_pitch;
    inner->out_c = g->out_c;
    inner->w = g->w + HEADER_BYTES;
    inner->k = walk->k;
    inner->blocks = walk->sixteens;
    inner->is_narrow = g->w[0] && g->act_min == -128 && g->act_max == 127;
    inner->runs = walk->runs;
    inner->run_bytes = walk->run_bytes;
    for (int i = 0; i < 4; i++) {
        vst1q_s32(inner->zero + 4 * i, vmovl_s16(vget_low_s16(out->zero)));
    }
    vst1q_s32(inner->shift, out->shift);
    vst1q_s8(inner->min, out->min);
    vst1q_s8(inner->max, out->max);
}

/* Sixteen outputs at a time: four rows, then one. */
EW_INLINE void all_of_16(ew_gemm__sdot_t *inner, const int8_t *x, int8_t *y, uint32_t rows)
{
    inner->x = x;
    inner->y = y;
    if (inner->is_narrow && inner->runs == 1 && inner->k <= 16) {
        short_of_16(inner, rows);
        return;
    }
    inner->groups = rows / 4;
    if (inner->groups) {
        (inner->runs > 1 ? ew_gemm_fours_runs__sdot : ew_gemm_fours__sdot)(inner);
        inner->x += (rows & ~3u) * inner->x_pitch;
        inner->y += (rows & ~3u) * inner->out_c;
    }
    inner->groups = rows % 4;
    if (inner->groups) {
        (inner->runs > 1 ? ew_gemm_ones_runs__sdot : ew_gemm_ones__sdot)(inner);
    }
}

/* The outputs behind those that are taken sixteen at a time. */
static void all_of_8(const walk_t *to_walk, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y, uint32_t out_c,
                     uint32_t rows, const ew_output__neon_t *to)
{
    const ew_output__neon_t out = *to; /* Order: copies, as stores to y may alias what a pointer leads to. */
    const walk_t walk = *to_walk;
    uint32_t r = 0;
    for (; r + 8 <= rows; r += 8) {
        strip_8(&walk, 8, x + r * pitch, pitch, w, y + r * out_c, out_c, &out);
    }
    for (; r + 2 <= rows; r += 2) {
        strip_8(&walk, 2, x + r * pitch, pitch, w, y + r * out_c, out_c, &out);
    }
    if (r < rows) {
        strip_8(&walk, 1, x + r * pitch, pitch, w, y + r * out_c, out_c, &out);
    }
}

/* Fewer than four outputs. */
static void all_of_few(const walk_t *walk, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y, uint32_t out_c,
                       uint32_t rows, const ew_output__neon_t *out)
{
    for (; rows; rows--, x += pitch, y += out_c) {
        int8_t quad[QUAD];
        all_of_8(walk, x, pitch, w, quad, QUAD, 1, out);
        memcpy(y, quad, out_c);
    }
}

static void all_lines(const ew_gemm_t *g, const ew_gemm_lines_t *lines, const int8_t *x, int8_t *y)
{
    const ew_output__neon_t out = ew_output__neon(g->shift, g->y_zero, g->act_min, g->act_max);
    const walk_t walk = walk_over(g->k, g->out_c, lines->runs, lines->run_bytes);
    ew_gemm__sdot_t inner;
    begin(&inner, g, &walk, lines->x_pitch, &out);
    for (uint32_t i = 0; i < lines->lines; i++, x += lines->line_bytes, y += lines->rows * g->out_c) {
        if (walk.sixteens) {
            all_of_16(&inner, x, y, lines->rows);
        }
        if (walk.octets + walk.quads) {
            (g->out_c >= QUAD ? all_of_8 : all_of_few)(&walk, x, lines->x_pitch, inner.w, y, g->out_c, lines->rows,
                                                       &out);
        }
    }
}

void ew_gemm_lines__sdot(const ew_gemm_t *g, const ew_gemm_lines_t *lines, const int8_t *x, int8_t *y)
    __attribute__((alias("all_lines")));

void ew_gemm__sdot(const ew_gemm_t *g, const int8_t *x, uint32_t x_pitch, int8_t *y, uint32_t rows)
{
    const ew_gemm_lines_t line = {1, 0, x_pitch, rows, 0, 1};
    all_lines(g, &line, x, y);
}
