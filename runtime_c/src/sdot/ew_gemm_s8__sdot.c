/* -Os does not unroll the blocks; the first scheduling pass and regional allocation spill them. */
#pragma GCC optimize("O3,no-schedule-insns,ira-region=one")

#include "neon/ew_gemm_s8.h"
#include "neon/ew_output_neon.h"

#define MAX_ROWS  8
#define MAX_QUADS 4
#define QUAD      4

/* How a row of x meets the outputs: eight at a time, then four when four or fewer are left. */
typedef struct {
    uint32_t k, octet_bytes, octets, quads;
} walk_t;

/* Accumulators of `rows` rows and 4 * quads outputs. */
typedef struct {
    int32x4_t sum[MAX_ROWS][MAX_QUADS];
} block_t;

/* Vector q of a group: an octet's groups hold two vectors each, and octets are w_pitch apart. */
EW_INLINE int8x16_t weights(const int8_t *w, int q, uint32_t w_pitch)
{
    return vld1q_s8(w + (uint32_t)(q / 2) * w_pitch + (q % 2) * 16);
}

/* Four inputs per SDOT: sum[r][q] += x[r][4 * lane ...] . w[q], where w[q] holds four inputs of four outputs. */
#define STEP(lane)                                                                \
    do {                                                                          \
        int8x16_t wq[MAX_QUADS];                                                  \
        for (int q = 0; q < quads; q++) {                                         \
            wq[q] = weights(w + (lane)*group_bytes, q, w_pitch);                  \
        }                                                                         \
        for (int r = 0; r < rows; r++) {                                          \
            for (int q = 0; q < quads; q++) {                                     \
                b->sum[r][q] = vdotq_laneq_s32(b->sum[r][q], wq[q], xr[r], lane); \
            }                                                                     \
        }                                                                         \
    } while (0)

/* 4 * steps inputs, 1 to 4 steps. */
EW_INLINE void sixteen(block_t *b, int rows, int quads, uint32_t steps, const int8_t *x, uint32_t pitch,
                       const int8_t *w, uint32_t w_pitch)
{
    const int group_bytes = quads > 1 ? 32 : 16;
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

EW_INLINE void finish(block_t *b, int rows, int quads, const int8_t *w, uint32_t w_pitch, int8_t *y, uint32_t y_pitch,
                      const ew_output_neon_t *out)
{
    int32x4_t mult[MAX_QUADS];
    for (int q = 0; q < quads; q++) {
        mult[q] = vreinterpretq_s32_s8(weights(w, q, w_pitch));
    }
    for (int r = 0; r < rows; r++) {
        ew_shift_neon(b->sum[r], quads, out);
    }
    if (rows == 1 && quads == 4) {
        const int16x8_t low = scaled(b->sum[0][0], b->sum[0][1], mult, 2, out);
        vst1q_s8(y, ew_narrowed_neon(low, scaled(b->sum[0][2], b->sum[0][3], mult + 2, 2, out), out));
        return;
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
EW_INLINE void block(uint32_t k, int rows, int quads, const int8_t *x, uint32_t pitch, const int8_t *w,
                     uint32_t w_pitch, int8_t *y, uint32_t y_pitch, const ew_output_neon_t *out)
{
    block_t b;
    for (int q = 0; q < quads; q++) {
        const int32x4_t bias = vreinterpretq_s32_s8(weights(w, q, w_pitch));
        for (int r = 0; r < rows; r++) {
            b.sum[r][q] = bias;
        }
    }
    const uint32_t group_bytes = quads > 1 ? 32 : 16;
    w += group_bytes;
    for (uint32_t left = k / 16; left; left--, x += 16, w += 4 * group_bytes) {
        sixteen(&b, rows, quads, 4, x, pitch, w, w_pitch);
    }
    const uint32_t steps = (k % 16 + 3) / 4;
    if (steps) {
        sixteen(&b, rows, quads, steps, x, pitch, w, w_pitch);
        w += group_bytes * steps;
    }
    finish(&b, rows, quads, w, w_pitch, y, y_pitch, out);
}

/* All outputs of `rows` rows, at least four; the last block is moved back to end with the last output. */
EW_INLINE void strip(const walk_t *walk, int rows, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                     uint32_t out_c, const ew_output_neon_t *out)
{
    int8_t *const end = y + out_c;
    const uint32_t k = walk->k, w_pitch = walk->octet_bytes;
    uint32_t octets = walk->octets;
    for (; rows == 1 && octets >= 2 && end - y >= 16; octets -= 2, y += 16, w += 2 * w_pitch) {
        block(k, 1, 4, x, pitch, w, w_pitch, y, out_c, out);
    }
    for (; octets; octets--, y += 8, w += w_pitch) {
        y = y < end - 8 ? y : end - 8;
        block(k, rows, 2, x, pitch, w, 0, y, out_c, out);
    }
    for (uint32_t quads = walk->quads; quads; quads--, y += 4, w += w_pitch / 2) {
        y = y < end - 4 ? y : end - 4;
        block(k, rows, 1, x, pitch, w, 0, y, out_c, out);
    }
}

static void wide(const walk_t *walk, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y, uint32_t out_c,
                 uint32_t rows, const ew_output_neon_t *to)
{
    const ew_output_neon_t out = *to;
    for (; rows >= 8; rows -= 8, x += 8 * pitch, y += 8 * out_c) {
        strip(walk, 8, x, pitch, w, y, out_c, &out);
    }
    if (rows & 4) {
        strip(walk, 4, x, pitch, w, y, out_c, &out);
        x += 4 * pitch;
        y += 4 * out_c;
    }
    if (rows & 2) {
        strip(walk, 2, x, pitch, w, y, out_c, &out);
        x += 2 * pitch;
        y += 2 * out_c;
    }
    if (rows & 1) {
        strip(walk, 1, x, pitch, w, y, out_c, &out);
    }
}

void ew_gemm_s8__sdot(const ew_gemm_s8_t *g, const int8_t *x, uint32_t x_pitch, int8_t *y, uint32_t rows)
{
    const ew_output_neon_t out = ew_output_neon(g->shift, g->y_zero, g->act_min, g->act_max);
    const uint32_t rest = g->out_c % 8;
    walk_t walk = {g->k, ((g->k + 3) / 4) * 32 + 64, g->out_c / 8 + (rest > 4), rest > 0 && rest <= 4};
    if (g->out_c < 8) {
        walk.octets = 0;
        walk.quads = (g->out_c + 3) / 4;
    }
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
