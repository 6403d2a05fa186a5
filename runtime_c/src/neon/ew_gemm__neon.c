/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__neon.c: rows of bytes times outputs in blocks of 16, 8 and 4. */
#include "neon/ew_gemm__neon.h"

#define LEAST_OUTPUTS 4u

static ew_gemm__neon_t gemm_of(const ew_gemm_t *g, uint32_t segments, uint32_t segment_step, uint32_t x_step)
{
    const ew_output__neon_t out = ew_output__neon(g->shift, g->y_zero, g->act_min, g->act_max);
    const uint32_t run = (g->k / segments + 1) & ~1u, eights = run / 8;
    const uint32_t fours = run / 4 % 2, twos = run / 2 % 2;
    ew_gemm__neon_t gemm;
    gemm.out_c = g->out_c;
    gemm.block.w = g->w + 16;
    gemm.block.x_step = x_step;
    gemm.block.y_step = g->out_c;
    gemm.block.segments = eights == 1 ? 1 : segments;
    gemm.block.eights = eights == 1 ? segments : eights;
    gemm.block.eight_step = eights == 1 ? segment_step : 8;
    gemm.block.skip = segment_step - 8 * (uint64_t)eights;
    gemm.block.segment_step = segment_step;
    gemm.block.fours = fours * segments;
    gemm.block.twos = twos * segments;
    gemm.block.fours_from = 8 * eights;
    gemm.block.twos_from = 8 * eights + 4 * fours;
    gemm.block.zero = out.zero;
    gemm.block.min = out.min;
    gemm.block.max = out.max;
    gemm.block.shift = out.shift;
    gemm.block.flags = (g->shift ? EW_GEMM_SHIFTED : 0) | (g->w[0] ? EW_GEMM_WIDE : 0) |
                       (g->act_min > INT8_MIN || g->act_max < INT8_MAX ? EW_GEMM_CLAMPED : 0);
    return gemm;
}

ew_gemm__neon_t ew_gemm_of__neon(const ew_gemm_t *g, uint32_t segments, uint32_t segment_step, uint32_t x_step)
    __attribute__((alias("gemm_of")));

/* The twin of `neon_blocks` in kernels/neon/dense.py; a block that would pass the last output is moved back. */
static void blocks(const ew_gemm__neon_t *gemm, const int8_t *x, int8_t *y, uint32_t out_c, uint32_t rows)
{
    static ew_gemm_block_fn *const bodies[3] = {ew_gemm_16__neon, ew_gemm_8__neon, ew_gemm_4__neon};
    ew_gemm_block_t block = gemm->block;
    uint32_t at = 0;
    block.y_step = out_c;
    for (uint32_t i = 0, width = 16; i < 3 && at < out_c; i++, width /= 2) {
        /* A block that lacks three outputs or fewer is not left to narrower ones. */
        const uint32_t left = out_c - at, count = out_c < width ? 0 : (left + 3) / width;
        if (count) {
            block.w = bodies[i](&block, x, y + (left < width ? out_c - width : at), rows, count, y + out_c - width);
            at += count * width;
        }
    }
}

static void all_rows(const ew_gemm__neon_t *gemm, const int8_t *x, int8_t *y, uint32_t rows)
{
    const uint32_t out_c = gemm->out_c;
    if (out_c >= LEAST_OUTPUTS) {
        blocks(gemm, x, y, out_c, rows);
        return;
    }
    for (; rows; rows--, x += gemm->block.x_step, y += out_c) {
        int8_t outputs[LEAST_OUTPUTS];
        blocks(gemm, x, outputs, LEAST_OUTPUTS, 1);
        memcpy(y, outputs, out_c);
    }
}

void ew_gemm_rows__neon(const ew_gemm__neon_t *gemm, const int8_t *x, int8_t *y, uint32_t rows)
    __attribute__((alias("all_rows")));

void ew_gemm__neon(const ew_gemm_t *g, const int8_t *x, uint32_t x_pitch, int8_t *y, uint32_t rows)
{
    const ew_gemm__neon_t gemm = gemm_of(g, 1, 0, x_pitch);
    all_rows(&gemm, x, y, rows);
}

void ew_gemm_bounded__neon(const ew_gemm_t *g, const int8_t *x, const int8_t *x_end, uint32_t x_step, int8_t *y,
                           uint32_t rows, int8_t *scratch)
{
    const int8_t *const last = x + (rows - 1) * x_step;
    const uint32_t copied = last + ((g->k + 1) & ~1u) > x_end;
    const ew_gemm__neon_t gemm = gemm_of(g, 1, 0, x_step);
    if (rows > copied) {
        all_rows(&gemm, x, y, rows - copied);
    }
    if (copied) {
        memcpy(scratch, last, g->k);
        all_rows(&gemm, scratch, y + (rows - 1) * g->out_c, 1);
    }
}
