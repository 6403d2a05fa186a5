/* -Os does not unroll the blocks; the first scheduling pass spills them. */
#pragma GCC optimize("O3,no-schedule-insns,no-ivopts,no-code-hoisting,no-tree-pre,ira-region=one")

#include "neon/ew_gemm_s8.h"
#include "neon/ew_output_neon.h"

#define MAX_ROWS 8

/* 16 outputs at a time, as long as more than 8 are left; 8 at a time for the rest, or for fewer than 16. */
static inline uint32_t blocks_of_16(uint32_t out_c)
{
    return out_c < 16 ? 0 : (out_c + 7) / 16;
}

/* 16 or 8 outputs of each row, four to a vector. */
typedef struct {
    int32x4_t sum[MAX_ROWS][4];
} block_t;

/* One input of every row by its lane. w: an int16 weight for each output. */
#define STEP(lane)                                                                                              \
    do {                                                                                                        \
        const int16x8_t low = vreinterpretq_s16_s8(vld1q_s8(w + 2 * lanes * (lane)));                           \
        const int16x8_t high = lanes == 16 ? vreinterpretq_s16_s8(vld1q_s8(w + 2 * lanes * (lane) + 16)) : low; \
        for (int r = 0; r < rows; r++) {                                                                        \
            b->sum[r][0] = vmlal_laneq_s16(b->sum[r][0], vget_low_s16(low), xr[r], lane);                       \
            b->sum[r][1] = vmlal_high_laneq_s16(b->sum[r][1], low, xr[r], lane);                                \
            if (lanes == 16) {                                                                                  \
                b->sum[r][2] = vmlal_laneq_s16(b->sum[r][2], vget_low_s16(high), xr[r], lane);                  \
                b->sum[r][3] = vmlal_high_laneq_s16(b->sum[r][3], high, xr[r], lane);                           \
            }                                                                                                   \
        }                                                                                                       \
    } while (0)

/* Four or eight inputs. */
EW_INLINE void inputs(block_t *b, int rows, int lanes, int count, const int8_t *x, uint32_t pitch, const int8_t *w)
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
}

EW_INLINE void block(uint32_t k, int rows, int lanes, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                     uint32_t y_pitch, const ew_output_neon_t *out)
{
    block_t b;
    int32x4_t mult[4];
    for (int q = 0; q < lanes / 4; q++) {
        const int32x4_t bias = vreinterpretq_s32_s8(vld1q_s8(w + 16 * q));
        for (int r = 0; r < rows; r++) {
            b.sum[r][q] = bias;
        }
    }
    const int8_t *const mult_at = w + 4 * lanes;
    w += 8 * lanes;
    for (uint32_t left = (k + 3) / 8; left; left--, x += 8, w += 16 * lanes) {
        inputs(&b, rows, lanes, 8, x, pitch, w);
    }
    if ((k - 1) % 8 < 4) {
        inputs(&b, rows, lanes, 4, x, pitch, w);
    }
    for (int q = 0; q < lanes / 4; q++) {
        mult[q] = vreinterpretq_s32_s8(vld1q_s8(mult_at + 16 * q));
    }
    for (int r = 0; r < rows; r++) {
        ew_shift_neon(b.sum[r], lanes / 4, out);
    }
    for (int r = 0; r < rows; r++, y += y_pitch) {
        const int16x8_t low = ew_centred_neon(b.sum[r][0], b.sum[r][1], mult[0], mult[1], out);
        if (lanes == 16) {
            const int16x8_t high = ew_centred_neon(b.sum[r][2], b.sum[r][3], mult[2], mult[3], out);
            vst1q_s8(y, ew_narrowed_neon(low, high, out));
        } else {
            vst1_s8(y, ew_narrowed_half_neon(low, out));
        }
    }
}

/* Outputs that are taken 16 at a time; the last block is moved back to end with the last output. */
EW_INLINE void strip_16(uint32_t k, int rows, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                        uint32_t out_c, const ew_output_neon_t *out)
{
    int8_t *const last = y + out_c - 16;
    const uint32_t w_step = 32 * ((k + 3) & ~3u) + 128;
    for (uint32_t blocks = blocks_of_16(out_c); blocks; blocks--, y += 16, w += w_step) {
        block(k, rows, 16, x, pitch, w, y < last ? y : last, out_c, out);
    }
}

/* Outputs that are taken 8 at a time: at the most one block where there are 16 and more, or all of them. */
EW_INLINE void strip_8(uint32_t k, int rows, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                       uint32_t out_c, const ew_output_neon_t *out)
{
    int8_t *const last = y + out_c - 8;
    const uint32_t w_step = 16 * ((k + 3) & ~3u) + 64, before = blocks_of_16(out_c);
    w += before * 2 * w_step;
    y += before * 16;
    for (; y < last + 8; y += 8, w += w_step) {
        block(k, rows, 8, x, pitch, w, y < last ? y : last, out_c, out);
    }
}

void ew_gemm_lanes_s8__neon(const ew_gemm_s8_t *g, const int8_t *x, uint32_t x_pitch, int8_t *y, uint32_t rows)
{
    const ew_output_neon_t out = ew_output_neon(g->shift, g->y_zero, g->act_min, g->act_max);
    const uint32_t k = g->k, out_c = g->out_c;
    uint32_t r = 0;
    if (blocks_of_16(out_c)) {
        for (; r + 4 <= rows; r += 4) {
            strip_16(k, 4, x + r * x_pitch, x_pitch, g->w, y + r * out_c, out_c, &out);
        }
        for (; r < rows; r++) {
            strip_16(k, 1, x + r * x_pitch, x_pitch, g->w, y + r * out_c, out_c, &out);
        }
        r = 0;
    }
    if (blocks_of_16(out_c) * 16 < out_c) {
        for (; r + 8 <= rows; r += 8) {
            strip_8(k, 8, x + r * x_pitch, x_pitch, g->w, y + r * out_c, out_c, &out);
        }
        for (; r < rows; r++) {
            strip_8(k, 1, x + r * x_pitch, x_pitch, g->w, y + r * out_c, out_c, &out);
        }
    }
}
