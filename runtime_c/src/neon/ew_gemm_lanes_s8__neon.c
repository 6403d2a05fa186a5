/* -Os does not unroll the blocks; the first scheduling pass spills them. */
#pragma GCC optimize("O3,no-schedule-insns,ira-region=one")

#include <arm_neon.h>

#include "neon/ew_gemm_s8.h"

#define INLINE static inline __attribute__((always_inline))
#define ROWS   4

/* What accumulators need to become int8. */
typedef struct {
    int32x4_t shift;
    int16x8_t zero;
    int8x16_t min, max;
    int is_shifted;
} output_t;

/* 16 or 8 outputs of each row, four to a vector. */
typedef struct {
    int32x4_t sum[ROWS][4];
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
INLINE void inputs(block_t *b, int rows, int lanes, int count, const int8_t *x, uint32_t pitch, const int8_t *w)
{
    int16x8_t xr[ROWS];
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

INLINE int16x8_t scaled(int32x4_t low, int32x4_t high, const int32x4_t *mult, const output_t *out)
{
    if (out->is_shifted) {
        low = vqshlq_s32(low, out->shift);
        high = vqshlq_s32(high, out->shift);
    }
    return vqaddq_s16(vqmovn_high_s32(vqmovn_s32(vqrdmulhq_s32(low, mult[0])), vqrdmulhq_s32(high, mult[1])),
                      out->zero);
}

INLINE void block(uint32_t k, int rows, int lanes, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                  uint32_t y_pitch, const output_t *out)
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
    for (int r = 0; r < rows; r++, y += y_pitch) {
        const int16x8_t low = scaled(b.sum[r][0], b.sum[r][1], mult, out);
        if (lanes == 16) {
            const int8x16_t v = vqmovn_high_s16(vqmovn_s16(low), scaled(b.sum[r][2], b.sum[r][3], mult + 2, out));
            vst1q_s8(y, vminq_s8(vmaxq_s8(v, out->min), out->max));
        } else {
            vst1_s8(y, vmin_s8(vmax_s8(vqmovn_s16(low), vget_low_s8(out->min)), vget_low_s8(out->max)));
        }
    }
}

/* All outputs of `rows` rows: 16 at a time, then 8 when 8 or fewer are left; the last block is moved back to
 * end with the last output. */
INLINE void strip(const ew_gemm_s8_t *g, int rows, const int8_t *x, uint32_t pitch, int8_t *y, const output_t *out)
{
    const uint32_t k = g->k, out_c = g->out_c, k_bytes = ((k + 3) & ~3u) * 2;
    const int8_t *w = g->w;
    int8_t *const end = y + out_c;
    int8_t *at = y;
    for (; out_c >= 16 && end - at > 8; at += 16, w += 16 * (k_bytes + 8)) {
        block(k, rows, 16, x, pitch, w, at + 16 <= end ? at : end - 16, out_c, out);
    }
    for (; at < end; at += 8, w += 8 * (k_bytes + 8)) {
        block(k, rows, 8, x, pitch, w, at + 8 <= end ? at : end - 8, out_c, out);
    }
}

void ew_gemm_lanes_s8__neon(const ew_gemm_s8_t *g, const int8_t *x, uint32_t x_pitch, int8_t *y, uint32_t rows)
{
    const output_t out = {vdupq_n_s32(g->shift), vdupq_n_s16(g->y_zero), vdupq_n_s8(g->act_min), vdupq_n_s8(g->act_max),
                          g->shift != 0};
    for (; rows >= ROWS; rows -= ROWS, x += ROWS * x_pitch, y += ROWS * g->out_c) {
        strip(g, ROWS, x, x_pitch, y, &out);
    }
    for (; rows; rows--, x += x_pitch, y += g->out_c) {
        strip(g, 1, x, x_pitch, y, &out);
    }
}
