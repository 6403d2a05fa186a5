/* -Os does not unroll the blocks; the first scheduling pass and regional allocation spill them. */
#pragma GCC optimize("O3,no-schedule-insns,no-code-hoisting,no-tree-pre,ira-region=one")

#include "neon/ew_gemm_s8.h"
#include "neon/ew_output_neon.h"

#define MAX_ROWS  8
#define MAX_QUADS 2
#define QUAD      4

/* How a row of x meets the outputs: eight at a time, then four when four or fewer are left. */
typedef struct {
    uint32_t k, octet_bytes, octets, quads;
} walk_t;

/* Accumulators of `rows` rows and 4 * quads outputs. */
typedef struct {
    int32x4_t sum[MAX_ROWS][MAX_QUADS];
} block_t;

/* Four inputs per SDOT: sum[r][q] += x[r][4 * lane ...] . w[q], where w[q] holds four inputs of four outputs. */
#define STEP(lane)                                                                \
    do {                                                                          \
        int8x16_t wq[MAX_QUADS];                                                  \
        for (int q = 0; q < quads; q++) {                                         \
            wq[q] = vld1q_s8(w + (lane)*16 * quads + 16 * q);                     \
        }                                                                         \
        for (int r = 0; r < rows; r++) {                                          \
            for (int q = 0; q < quads; q++) {                                     \
                b->sum[r][q] = vdotq_laneq_s32(b->sum[r][q], wq[q], xr[r], lane); \
            }                                                                     \
        }                                                                         \
    } while (0)

/* 4 * steps inputs, 1 to 4 steps. */
EW_INLINE void sixteen(block_t *b, int rows, int quads, uint32_t steps, const int8_t *x, uint32_t pitch,
                       const int8_t *w)
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

/* Eight outputs: a pair of quads, or one quad twice. */
EW_INLINE int16x8_t scaled(int32x4_t low, int32x4_t high, const int32x4_t *mult, int quads, const ew_output_neon_t *out)
{
    if (quads > 1) {
        return ew_centred_neon(low, high, mult[0], mult[1], out);
    }
    const int16x4_t half = ew_scaled_neon(low, mult[0]);
    return vqaddq_s16(vcombine_s16(half, half), out->zero);
}

EW_INLINE void finish(block_t *b, int rows, int quads, const int8_t *w, int8_t *y, uint32_t y_pitch,
                      const ew_output_neon_t *out)
{
    int32x4_t mult[MAX_QUADS];
    for (int q = 0; q < quads; q++) {
        mult[q] = vreinterpretq_s32_s8(vld1q_s8(w + 16 * q));
    }
    for (int r = 0; r < rows; r++) {
        ew_shift_neon(b->sum[r], quads, out);
    }
    for (int r = 0; r < rows; r += 2, y += 2 * y_pitch) {
        int32x4_t *const two = b->sum[r + 1 < rows ? r + 1 : r];
        const int16x8_t low = scaled(b->sum[r][0], b->sum[r][quads - 1], mult, quads, out);
        const int8x16_t v = ew_narrowed_neon(low, scaled(two[0], two[quads - 1], mult, quads, out), out);
        if (quads == 2) {
            vst1_s8(y, vget_low_s8(v));
        } else {
            vst1q_lane_s32((void *)y, vreinterpretq_s32_s8(v), 0);
        }
        if (quads == 2 && rows > 1) {
            vst1_s8(y + y_pitch, vget_high_s8(v));
        } else if (rows > 1) {
            vst1q_lane_s32((void *)(y + y_pitch), vreinterpretq_s32_s8(v), 2);
        }
    }
}

/* 4 * quads outputs of `rows` rows. */
EW_INLINE void block(uint32_t k, int rows, int quads, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                     uint32_t y_pitch, const ew_output_neon_t *out)
{
    block_t b;
    for (int q = 0; q < quads; q++) {
        const int32x4_t bias = vreinterpretq_s32_s8(vld1q_s8(w + 16 * q));
        for (int r = 0; r < rows; r++) {
            b.sum[r][q] = bias;
        }
    }
    const uint32_t group_bytes = 16 * (uint32_t)quads;
    w += group_bytes;
    for (uint32_t left = k / 16; left; left--, x += 16, w += 4 * group_bytes) {
        sixteen(&b, rows, quads, 4, x, pitch, w);
    }
    const uint32_t steps = (k % 16 + 3) / 4;
    if (steps) {
        sixteen(&b, rows, quads, steps, x, pitch, w);
        w += group_bytes * steps;
    }
    finish(&b, rows, quads, w, y, y_pitch, out);
}

/* 32 outputs of one row, in four octets: each vector of inputs is loaded once for all of them. */
#define ROW_OCTETS 4

/* The next 64 weights. The empty statement keeps two steps of a pointer apart, so that each is part of its load. */
EW_INLINE int8x16x4_t next_64(const int8_t **w)
{
    const int8x16x4_t v = vld1q_s8_x4(*w);
    *w += 64;
    __asm__("" : "+r"(*w));
    return v;
}

EW_INLINE void half_octet(int32x4_t sum[2], int8x16x4_t w, int8x16_t x, int is_upper)
{
    if (is_upper) {
        sum[0] = vdotq_laneq_s32(sum[0], w.val[0], x, 2);
        sum[1] = vdotq_laneq_s32(sum[1], w.val[1], x, 2);
        sum[0] = vdotq_laneq_s32(sum[0], w.val[2], x, 3);
        sum[1] = vdotq_laneq_s32(sum[1], w.val[3], x, 3);
    } else {
        sum[0] = vdotq_laneq_s32(sum[0], w.val[0], x, 0);
        sum[1] = vdotq_laneq_s32(sum[1], w.val[1], x, 0);
        sum[0] = vdotq_laneq_s32(sum[0], w.val[2], x, 1);
        sum[1] = vdotq_laneq_s32(sum[1], w.val[3], x, 1);
    }
}

EW_INLINE void row_of_32(uint32_t k, const int8_t *x, const int8_t *w, uint32_t w_pitch, int8_t *y,
                         const ew_output_neon_t *out)
{
    const int8_t *octet[ROW_OCTETS];
    int32x4_t sum[2 * ROW_OCTETS], mult[2 * ROW_OCTETS];
    for (int o = 0; o < ROW_OCTETS; o++) {
        octet[o] = w + (uint32_t)o * w_pitch + 32;
        sum[2 * o] = vreinterpretq_s32_s8(vld1q_s8(octet[o] - 32));
        sum[2 * o + 1] = vreinterpretq_s32_s8(vld1q_s8(octet[o] - 16));
    }
    for (uint32_t left = k / 16; left; left--, x += 16) {
        const int8x16_t xv = vld1q_s8(x);
        for (int o = 0; o < ROW_OCTETS; o++) {
            half_octet(&sum[2 * o], next_64(&octet[o]), xv, 0);
            half_octet(&sum[2 * o], next_64(&octet[o]), xv, 1);
        }
    }
    for (uint32_t left = (k % 16 + 3) / 4; left; left--, x += 4) {
        const int8x16_t xv = vreinterpretq_s8_s32(vld1q_dup_s32((const void *)x));
        for (int o = 0; o < ROW_OCTETS; o++, octet[o - 1] += 32) {
            sum[2 * o] = vdotq_s32(sum[2 * o], vld1q_s8(octet[o]), xv);
            sum[2 * o + 1] = vdotq_s32(sum[2 * o + 1], vld1q_s8(octet[o] + 16), xv);
        }
    }
    ew_shift_neon(sum, 2 * ROW_OCTETS, out);
    for (int o = 0; o < ROW_OCTETS; o++) {
        mult[2 * o] = vreinterpretq_s32_s8(vld1q_s8(octet[o]));
        mult[2 * o + 1] = vreinterpretq_s32_s8(vld1q_s8(octet[o] + 16));
    }
    for (int o = 0; o < 2 * ROW_OCTETS; o += 4, y += 16) {
        vst1q_s8(y, ew_narrowed_neon(ew_centred_neon(sum[o], sum[o + 1], mult[o], mult[o + 1], out),
                                     ew_centred_neon(sum[o + 2], sum[o + 3], mult[o + 2], mult[o + 3], out), out));
    }
}

/* All outputs of `rows` rows, at least four; the last block is moved back to end with the last output. */
EW_INLINE void strip(const walk_t *walk, int rows, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                     uint32_t out_c, const ew_output_neon_t *out)
{
    int8_t *const end = y + out_c;
    const uint32_t k = walk->k, w_pitch = walk->octet_bytes;
    uint32_t octets = walk->octets;
    for (; rows == 1 && end - y >= 32; octets -= ROW_OCTETS, y += 32, w += ROW_OCTETS * w_pitch) {
        row_of_32(k, x, w, w_pitch, y, out);
    }
    for (; octets; octets--, y += 8, w += w_pitch) {
        y = y < end - 8 ? y : end - 8;
        block(k, rows, 2, x, pitch, w, y, out_c, out);
    }
    for (uint32_t quads = walk->quads; quads; quads--, y += 4, w += w_pitch / 2) {
        y = y < end - 4 ? y : end - 4;
        block(k, rows, 1, x, pitch, w, y, out_c, out);
    }
}

static void wide(const walk_t *to_walk, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y, uint32_t out_c,
                 uint32_t rows, const ew_output_neon_t *to)
{
    const ew_output_neon_t out = *to; /* Order: copies, as stores to y may alias what a pointer leads to. */
    const walk_t walk = *to_walk;
    for (; rows >= 8; rows -= 8, x += 8 * pitch, y += 8 * out_c) {
        strip(&walk, 8, x, pitch, w, y, out_c, &out);
    }
    if (rows & 4) {
        strip(&walk, 4, x, pitch, w, y, out_c, &out);
        x += 4 * pitch;
        y += 4 * out_c;
    }
    if (rows & 2) {
        strip(&walk, 2, x, pitch, w, y, out_c, &out);
        x += 2 * pitch;
        y += 2 * out_c;
    }
    if (rows & 1) {
        strip(&walk, 1, x, pitch, w, y, out_c, &out);
    }
}

void ew_gemm_s8__sdot(const ew_gemm_s8_t *g, const int8_t *x, uint32_t x_pitch, int8_t *y, uint32_t rows)
{
    const ew_output_neon_t out = ew_output_neon(g->shift, g->y_zero, g->act_min, g->act_max);
    const walk_t walk = {g->k, ((g->k + 3) / 4) * 32 + 64, ew_gemm_octets(g->out_c), ew_gemm_quads(g->out_c)};
    if (g->out_c >= QUAD) {
        wide(&walk, x, x_pitch, g->w, y, g->out_c, rows, &out);
        return;
    }
    for (; rows; rows--, x += x_pitch, y += g->out_c) {
        int8_t quad[QUAD];
        wide(&walk, x, x_pitch, g->w, quad, QUAD, 1, &out);
        memcpy(y, quad, g->out_c);
    }
}
