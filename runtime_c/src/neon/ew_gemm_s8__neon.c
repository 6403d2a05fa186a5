/* GCC's first scheduling pass spills the sixteen accumulators (67 instead of 56 instructions per 16 steps
 * of a 4x4 block), and -Os does not unroll the blocks. */
#pragma GCC optimize("O3,no-schedule-insns,ira-region=one")

#include "neon/ew_gemm_s8.h"
#include "neon/ew_output_neon.h"

#define QUAD      4
#define MAX_BLOCK 4

/* How a block walks along k. */
typedef struct {
    uint32_t steps_of_32, quad_bytes;
    int starts_with_8, has_odd_16;
} walk_t;

/* rows x quads of accumulators, each four partial sums of one output (MAX_BLOCK quads at the most). */
typedef struct {
    int32x4_t sum[MAX_BLOCK][QUAD];
} block_t;

/* Eight products per output.  Bounds: |x * w| <= 2^14 fits int16. */
EW_INLINE void first_8(block_t *b, int rows, int quads, const int8_t *x, uint32_t pitch, const int8_t *w,
                       uint32_t w_pitch)
{
    for (int q = 0; q < quads; q++) {
        int8x8_t wq[QUAD];
        for (int o = 0; o < QUAD; o++) {
            wq[o] = vld1_s8(w + (uint32_t)q * w_pitch + o * 8);
        }
        for (int r = 0; r < rows; r++) {
            const int8x8_t xr = vld1_s8(x + (uint32_t)r * pitch);
            for (int o = 0; o < QUAD; o++) {
                b->sum[r + q][o] = vpaddlq_s16(vmull_s8(xr, wq[o]));
            }
        }
    }
}

/* Sixteen products per output, two to an int16 lane.
 * Bounds: the packing checks |w[i]| + |w[i + 8]| <= 255, and 255 * 128 < 2^15. */
EW_INLINE void sixteen(block_t *b, int rows, int quads, int is_first, const int8_t *x, uint32_t pitch, const int8_t *w,
                       uint32_t w_pitch)
{
    for (int q = 0; q < quads; q++) {
        int8x16_t wq[QUAD];
        for (int o = 0; o < QUAD; o++) {
            wq[o] = vld1q_s8(w + (uint32_t)q * w_pitch + o * 16);
        }
        for (int r = 0; r < rows; r++) {
            const int8x16_t xr = vld1q_s8(x + (uint32_t)r * pitch);
            for (int o = 0; o < QUAD; o++) {
                const int16x8_t t = vmlal_high_s8(vmull_s8(vget_low_s8(xr), vget_low_s8(wq[o])), xr, wq[o]);
                b->sum[r + q][o] = is_first ? vpaddlq_s16(t) : vpadalq_s16(b->sum[r + q][o], t);
            }
        }
    }
}

EW_INLINE int32x4_t total(const int32x4_t sum[QUAD])
{
    return vpaddq_s32(vpaddq_s32(sum[0], sum[1]), vpaddq_s32(sum[2], sum[3]));
}

/* The int8 outputs of a block, four per 32-bit lane r + q; w: the bias and multipliers of its first quad. */
EW_INLINE int32x4_t requantized(const block_t *b, int rows, int quads, const int8_t *w, uint32_t w_pitch,
                                const ew_output_neon_t *out)
{
    const int filled = rows + quads - 1;
    int32x4_t acc[MAX_BLOCK], mult[MAX_BLOCK];
    int16x4_t half[MAX_BLOCK];
    for (int i = 0; i < filled; i++) {
        const int8_t *const wq = w + (quads > 1 ? (uint32_t)i * w_pitch : 0);
        acc[i] = vaddq_s32(total(b->sum[i]), vreinterpretq_s32_s8(vld1q_s8(wq)));
        mult[i] = vreinterpretq_s32_s8(vld1q_s8(wq + 16));
    }
    ew_shift_neon(acc, filled, out);
    for (int i = 0; i < MAX_BLOCK; i++) {
        half[i] = i < filled ? ew_scaled_neon(acc[i], mult[i]) : half[0];
    }
    const int16x8_t low = vqaddq_s16(vcombine_s16(half[0], half[1]), out->zero);
    const int16x8_t high = vqaddq_s16(vcombine_s16(half[2], half[3]), out->zero);
    return vreinterpretq_s32_s8(ew_narrowed_neon(low, high, out));
}

/* `rows` rows of one quad of outputs, or one row of `quads` quads. */
EW_INLINE int32x4_t block(const walk_t *k, int rows, int quads, const int8_t *x, uint32_t pitch, const int8_t *w,
                          uint32_t w_pitch, const ew_output_neon_t *out)
{
    block_t b;
    if (k->starts_with_8) {
        first_8(&b, rows, quads, x, pitch, w, w_pitch);
        x += 8;
        w += 8 * QUAD;
    } else {
        sixteen(&b, rows, quads, 1, x, pitch, w, w_pitch);
        x += 16;
        w += 16 * QUAD;
    }
    if (k->has_odd_16) {
        sixteen(&b, rows, quads, 0, x, pitch, w, w_pitch);
        x += 16;
        w += 16 * QUAD;
    }
    for (uint32_t left = k->steps_of_32; left; left--) {
        sixteen(&b, rows, quads, 0, x, pitch, w, w_pitch);
        sixteen(&b, rows, quads, 0, x + 16, pitch, w + 16 * QUAD, w_pitch);
        x += 32;
        w += 32 * QUAD;
    }
    return requantized(&b, rows, quads, w, w_pitch, out);
}

/* All outputs of `rows` rows, at least four; the last quad is moved back to end with the last output. */
EW_INLINE void strip(const walk_t *k, int rows, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                     uint32_t out_c, const ew_output_neon_t *out)
{
    const uint32_t w_pitch = k->quad_bytes;
    int8_t *const last = y + out_c - QUAD;
    for (; rows == 1 && y + 3 * QUAD <= last; y += 4 * QUAD, w += 4 * w_pitch) {
        vst1q_s32((void *)y, block(k, 1, 4, x, pitch, w, w_pitch, out));
    }
    for (; y < last + QUAD; y += QUAD, w += w_pitch) {
        const int32x4_t v = block(k, rows, 1, x, pitch, w, w_pitch, out);
        y = y < last ? y : last;
        vst1q_lane_s32((void *)y, v, 0);
        if (rows > 1) {
            vst1q_lane_s32((void *)(y + out_c), v, 1);
        }
        if (rows > 2) {
            vst1q_lane_s32((void *)(y + 2 * out_c), v, 2);
        }
        if (rows > 3) {
            vst1q_lane_s32((void *)(y + 3 * out_c), v, 3);
        }
    }
}

static void wide(const walk_t *k, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y, uint32_t out_c,
                 uint32_t rows, const ew_output_neon_t *to)
{
    const ew_output_neon_t out = *to;
    for (; rows >= 4; rows -= 4, x += 4 * pitch, y += 4 * out_c) {
        strip(k, 4, x, pitch, w, y, out_c, &out);
    }
    if (rows == 3) {
        strip(k, 3, x, pitch, w, y, out_c, &out);
    } else if (rows == 2) {
        strip(k, 2, x, pitch, w, y, out_c, &out);
    } else if (rows == 1) {
        strip(k, 1, x, pitch, w, y, out_c, &out);
    }
}

void ew_gemm_s8__neon(const ew_gemm_s8_t *g, const int8_t *x, uint32_t x_pitch, int8_t *y, uint32_t rows)
{
    if (ew_gemm_uses_lanes(g)) {
        ew_gemm_lanes_s8__neon(g, x, x_pitch, y, rows);
        return;
    }
    const ew_output_neon_t out = ew_output_neon(g->shift, g->y_zero, g->act_min, g->act_max);
    const uint32_t eights = (g->k + 7) / 8, sixteens = (eights - 1) / 2;
    const walk_t k = {sixteens / 2, eights * 8 * QUAD + 32, (int)(eights & 1), (int)(sixteens & 1)};
    if (g->out_c >= QUAD) {
        wide(&k, x, x_pitch, g->w, y, g->out_c, rows, &out);
        return;
    }
    for (; rows; rows--, x += x_pitch, y += g->out_c) {
        int8_t quad[QUAD];
        strip(&k, 1, x, x_pitch, g->w, quad, QUAD, &out);
        memcpy(y, quad, g->out_c);
    }
}
