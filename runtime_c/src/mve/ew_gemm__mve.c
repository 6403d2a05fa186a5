/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__mve.c: which core multiplies which pixels and outputs. */
#include "mve/ew_gemm__mve.h"

ew_gemm_core__mve_t ew_gemm_of__mve(const ew_gemm_shape_t *shape)
{
    const uint32_t whole = ew_whole_vectors(shape->depth);
    const uint32_t blocks = (shape->out_c + 3u) / 4u;
    const uint32_t back = shape->out_c < 4u ? 0u : 4u * blocks - shape->out_c;
    const uint32_t block_bytes = 4u * whole + 32u; /* weights, biases and multipliers of four channels */
    const ew_gemm_core__mve_t g = {.x_step_2 = 2u * shape->x_step,
                                   .w = shape->w,
                                   .y_skip = 2u * shape->y_step - shape->out_c,
                                   .steps = whole / EW_VECTOR_BYTES,
                                   .y_zero = shape->y_zero,
                                   .back = back,
                                   .last = (const int8_t *)shape->w + (blocks - 1u) * block_bytes + (back ? 0u : 4u),
                                   .x_step = shape->x_step,
                                   .y_step = shape->y_step,
                                   .depth = shape->depth,
                                   .out_c = shape->out_c};
    return g;
}

/* Pixels that pass while the weights of four channels stay in registers: few enough that y may follow closely
 * behind x in one buffer, many enough to pay for loading the weights. Known to edgewright/kernels/mve/gemm.py. */
#define STATIONARY_PIXELS 64u

/* One step: all channels of some pixels, then those of the next. */
static void run_stationary(ew_gemm_core__mve_t *g, const int8_t *x, int8_t *y, uint32_t pixels)
{
    while (pixels) {
        const uint32_t some = pixels < STATIONARY_PIXELS ? pixels : STATIONARY_PIXELS;
        g->x_0 = x;
        g->y_0 = y;
        g->pairs = some / 2u;
        g->odd = some % 2u;
        if (g->x_step == 8u) {
            ew_gemm_core_1_by_8__mve(g);
        } else if (g->x_step == 16u) {
            ew_gemm_core_1_by_16__mve(g);
        } else {
            ew_gemm_core_1__mve(g);
        }
        x += some * g->x_step;
        y += some * g->y_step;
        pixels -= some;
    }
}

/* Pairs of pixels, or one pixel as both of a pair. */
static void run_pairs(ew_gemm_core__mve_t *g)
{
    if (g->steps > 2u) {
        ew_gemm_core__mve(g);
    } else {
        ew_gemm_core_2__mve(g);
    }
}

static void run(ew_gemm_core__mve_t *g, const int8_t *x, int8_t *y, uint32_t pixels)
{
    if (g->steps == 1u) {
        run_stationary(g, x, y, pixels);
        return;
    }
    g->x_0 = x;
    g->x_1 = x + g->x_step;
    g->y_0 = y;
    g->y_1 = y + g->y_step;
    g->pairs = pixels / 2u;
    if (g->pairs) {
        run_pairs(g);
    }
    if (pixels % 2u) {
        const uint32_t step = g->x_step;
        g->pairs = 1;
        g->x_step = 0;
        g->x_0 = g->x_1 = x + (pixels - 1u) * step;
        g->y_0 = g->y_1 = y + (pixels - 1u) * g->y_step;
        run_pairs(g);
        g->x_step = step;
    }
}

/* Fewer than four channels: the missing ones, of zero weights, end in a buffer. */
#define NARROW_PIXELS 32u
static void run_narrow(const ew_gemm_core__mve_t *g, const int8_t *x, int8_t *y, uint32_t pixels)
{
    int8_t wide[NARROW_PIXELS * 4u];
    ew_gemm_core__mve_t four = *g;
    four.y_step = 4;
    four.y_skip = 4;
    for (uint32_t done = 0; done < pixels; done += NARROW_PIXELS) {
        const uint32_t some = pixels - done < NARROW_PIXELS ? pixels - done : NARROW_PIXELS;
        const ew_copy_blocks__mve_t copy = {.to = y + done * g->y_step,
                                            .from = wide,
                                            .to_step = g->y_step,
                                            .from_step = 4,
                                            .bytes = g->out_c,
                                            .blocks = some};
        run(&four, x + done * g->x_step, wide, some);
        ew_copy_blocks__mve(&copy);
    }
}

static void run_any(ew_gemm_core__mve_t *g, const int8_t *x, int8_t *y, uint32_t pixels)
{
    if (g->out_c < 4u) {
        run_narrow(g, x, y, pixels);
    } else {
        run(g, x, y, pixels);
    }
}

void ew_gemm__mve(ew_gemm_core__mve_t *g, const int8_t *x, int8_t *y, uint32_t pixels)
    __attribute__((alias("run_any")));

void ew_gemm_bounded__mve(ew_gemm_core__mve_t *g, const int8_t *x, const int8_t *x_end, int8_t *y, uint32_t pixels,
                          int8_t *tail)
{
    const uint32_t whole = g->steps * EW_VECTOR_BYTES;
    uint32_t inside = pixels;
    while (inside && x + (inside - 1u) * g->x_step + whole > x_end) {
        inside--;
    }
    if (inside < pixels) {
        inside &= ~1u; /* leaves whole pairs here */
    }
    if (inside) {
        run_any(g, x, y, inside);
    }
    if (inside < pixels) {
        ew_gemm_core__mve_t rest = *g;
        const ew_copy_blocks__mve_t copy = {.to = tail,
                                            .from = x + inside * g->x_step,
                                            .to_step = g->depth,
                                            .from_step = g->x_step,
                                            .bytes = g->depth,
                                            .blocks = pixels - inside};
        ew_copy_blocks__mve(&copy);
        rest.x_step = g->depth;
        rest.x_step_2 = 2u * g->depth;
        run_any(&rest, tail, y + inside * g->y_step, pixels - inside);
    }
}
