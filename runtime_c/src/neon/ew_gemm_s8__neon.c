/* GCC's first scheduling pass spills the sixteen accumulators, and -Os does not unroll the blocks. */
#pragma GCC optimize("O3,no-schedule-insns,no-code-hoisting,no-tree-pre,ira-region=one")

#include "neon/ew_gemm_s8.h"
#include "neon/ew_output_neon.h"

#define QUAD        4
#define OCTET       8
#define MAX_OUTPUTS 16

/* How a row of x meets a block of outputs: along k, eight inputs if `starts_with_8`, else sixteen; sixteen more if
 * `has_odd_16`; then 64 at a time, and 32 if `has_odd_32`. Outputs in octets, then in quads. */
typedef struct {
    uint32_t steps_of_64, octet_bytes, octets, quads;
    int starts_with_8, has_odd_16, has_odd_32;
} walk_t;

/* Accumulators of one or two rows and up to 16 outputs, each four partial sums. */
typedef struct {
    int32x4_t sum[2][MAX_OUTPUTS];
} block_t;

/* Weights of output o: octets are w_pitch apart, and inside an octet outputs follow each other. */
EW_INLINE const int8_t *weights(const int8_t *w, int o, uint32_t w_pitch, int bytes)
{
    return w + (uint32_t)(o / OCTET) * w_pitch + o % OCTET * bytes;
}

/* Eight products per output.  Bounds: |x * w| <= 2^14 fits int16. */
EW_INLINE void first_8(block_t *b, int rows, int outputs, const int8_t *x, uint32_t pitch, const int8_t *w,
                       uint32_t w_pitch)
{
    int8x8_t xr[2];
    for (int r = 0; r < rows; r++) {
        xr[r] = vld1_s8(x + (uint32_t)r * pitch);
    }
    for (int o = 0; o < outputs; o += 2) { /* in twos, for LDP */
        const int8x8_t wo[2] = {vld1_s8(weights(w, o, w_pitch, 8)), vld1_s8(weights(w, o + 1, w_pitch, 8))};
        for (int i = 0; i < 2 * rows; i++) {
            b->sum[i / 2][o + i % 2] = vpaddlq_s16(vmull_s8(xr[i / 2], wo[i % 2]));
        }
    }
}

/* Sixteen products of one output, two to an int16 lane.
 * Bounds: the packing checks |w[i]| + |w[i + 8]| <= 255, and 255 * 128 < 2^15. */
EW_INLINE int16x8_t sixteen_products(int8x16_t x, int8x16_t w)
{
    return vmlal_high_s8(vmull_s8(vget_low_s8(x), vget_low_s8(w)), x, w);
}

EW_INLINE void sixteen(block_t *b, int rows, int outputs, int is_first, const int8_t *x, uint32_t pitch,
                       const int8_t *w, uint32_t w_pitch)
{
    int8x16_t xr[2];
    for (int r = 0; r < rows; r++) {
        xr[r] = vld1q_s8(x + (uint32_t)r * pitch);
    }
    for (int o = 0; o < outputs; o += 2) {
        const int8x16_t wo[2] = {vld1q_s8(weights(w, o, w_pitch, 16)), vld1q_s8(weights(w, o + 1, w_pitch, 16))};
        for (int i = 0; i < 2 * rows; i++) {
            int32x4_t *const sum = &b->sum[i / 2][o + i % 2];
            const int16x8_t t = sixteen_products(xr[i / 2], wo[i % 2]);
            *sum = is_first ? vpaddlq_s16(t) : vpadalq_s16(*sum, t);
        }
    }
}

EW_INLINE void thirty_two(block_t *b, int rows, int outputs, const int8_t *x, uint32_t pitch, const int8_t *w,
                          uint32_t w_pitch)
{
    int8x16_t x0[2], x1[2];
    for (int r = 0; r < rows; r++) {
        x0[r] = vld1q_s8(x + (uint32_t)r * pitch);
        x1[r] = vld1q_s8(x + (uint32_t)r * pitch + 16);
    }
    for (int o = 0; o < outputs; o++) {
        const int8_t *const wo = weights(w, o, w_pitch, 32);
        const int8x16_t w0 = vld1q_s8(wo), w1 = vld1q_s8(wo + 16);
        for (int r = 0; r < rows; r++) {
            b->sum[r][o] = vpadalq_s16(b->sum[r][o], sixteen_products(x0[r], w0));
            b->sum[r][o] = vpadalq_s16(b->sum[r][o], sixteen_products(x1[r], w1));
        }
    }
}

/* Four outputs of a row from their partial sums. */
EW_INLINE int32x4_t total(const int32x4_t *sum)
{
    return vpaddq_s32(vpaddq_s32(sum[0], sum[1]), vpaddq_s32(sum[2], sum[3]));
}

/* w: bias, then half of mult, of each octet. The outputs follow each other, row by row; fewer than 16 repeat. */
EW_INLINE int8x16_t requantized(const block_t *b, int rows, int outputs, const int8_t *w, uint32_t w_pitch,
                                const ew_output_neon_t *out)
{
    const int quads = outputs / QUAD, per_octet = outputs < OCTET ? 1 : 2;
    int32x4_t acc[4], mult[4];
    for (int i = 0; i < rows * quads; i++) {
        const int8_t *const wq = weights(w, i % quads * QUAD, w_pitch, 4);
        acc[i] = vaddq_s32(total(&b->sum[i / quads][i % quads * QUAD]), vreinterpretq_s32_s8(vld1q_s8(wq)));
        mult[i] = vreinterpretq_s32_s8(vld1q_s8(wq + 16 * per_octet));
    }
    ew_shift_neon(acc, rows * quads, out);
    for (int i = rows * quads; i < 4; i++) {
        acc[i] = acc[i - rows * quads];
        mult[i] = mult[i - rows * quads];
    }
    return ew_narrowed_neon(ew_centred_neon(acc[0], acc[1], mult[0], mult[1], out),
                            ew_centred_neon(acc[2], acc[3], mult[2], mult[3], out), out);
}

EW_INLINE int8x16_t block(const walk_t *k, int rows, int outputs, const int8_t *x, uint32_t pitch, const int8_t *w,
                          const ew_output_neon_t *out)
{
    const uint32_t w_pitch = k->octet_bytes, width = outputs < OCTET ? QUAD : OCTET;
    block_t b;
    if (k->starts_with_8) {
        first_8(&b, rows, outputs, x, pitch, w, w_pitch);
        x += 8;
        w += 8 * width;
    } else {
        sixteen(&b, rows, outputs, 1, x, pitch, w, w_pitch);
        x += 16;
        w += 16 * width;
    }
    if (k->has_odd_16) {
        sixteen(&b, rows, outputs, 0, x, pitch, w, w_pitch);
        x += 16;
        w += 16 * width;
    }
    for (uint32_t left = k->steps_of_64; left; left--, x += 64, w += 64 * width) {
        thirty_two(&b, rows, outputs, x, pitch, w, w_pitch);
        thirty_two(&b, rows, outputs, x + 32, pitch, w + 32 * width, w_pitch);
    }
    if (k->has_odd_32) {
        thirty_two(&b, rows, outputs, x, pitch, w, w_pitch);
        w += 32 * width;
    }
    return requantized(&b, rows, outputs, w, w_pitch, out);
}

/* All outputs of one or two rows; the last block is moved back to end with the last output. */
EW_INLINE void strip(const walk_t *k, int rows, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y,
                     uint32_t out_c, const ew_output_neon_t *out)
{
    int8_t *const end = y + out_c;
    uint32_t octets = k->octets;
    for (; rows == 1 && octets >= 2 && end - y >= 16; octets -= 2, y += 16, w += 2 * k->octet_bytes) {
        vst1q_s8(y, block(k, 1, 16, x, pitch, w, out));
    }
    for (; octets; octets--, y += OCTET, w += k->octet_bytes) {
        const int8x16_t v = block(k, rows, OCTET, x, pitch, w, out);
        y = y < end - OCTET ? y : end - OCTET;
        vst1_s8(y, vget_low_s8(v));
        if (rows == 2) {
            vst1_s8(y + out_c, vget_high_s8(v));
        }
    }
    for (uint32_t quads = k->quads; quads; quads--, y += QUAD, w += k->octet_bytes / 2) {
        const int32x4_t v = vreinterpretq_s32_s8(block(k, rows, QUAD, x, pitch, w, out));
        y = y < end - QUAD ? y : end - QUAD;
        vst1q_lane_s32((void *)y, v, 0);
        if (rows == 2) {
            vst1q_lane_s32((void *)(y + out_c), v, 1);
        }
    }
}

static void wide(const walk_t *walk, const int8_t *x, uint32_t pitch, const int8_t *w, int8_t *y, uint32_t out_c,
                 uint32_t rows, const ew_output_neon_t *to)
{
    const ew_output_neon_t out = *to; /* Order: copies, as stores to y may alias what a pointer leads to. */
    const walk_t k = *walk;
    for (; rows >= 2; rows -= 2, x += 2 * pitch, y += 2 * out_c) {
        strip(&k, 2, x, pitch, w, y, out_c, &out);
    }
    if (rows) {
        strip(&k, 1, x, pitch, w, y, out_c, &out);
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
    const walk_t k = {sixteens / 4,      (eights * 8 + 8) * OCTET, ew_gemm_octets(g->out_c), ew_gemm_quads(g->out_c),
                      (int)(eights & 1), (int)(sixteens & 1),      (int)(sixteens / 2 & 1)};
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
