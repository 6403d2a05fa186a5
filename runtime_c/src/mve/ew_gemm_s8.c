#include "mve/ew_gemm_s8.h"

#include "mve/ew_copy_s8.h"
#include "mve/ew_gemm_core_s8.h"

/* A block: the weights of four channels, four biases and four multipliers. */
static uint32_t block_bytes(uint32_t in_bytes)
{
    return 4u * ew_whole_vectors(in_bytes) + 32u;
}

void ew_gemm_s8__mve(const ew_gemm_s8_t *g)
{
    const uint32_t blocks = (g->out_c + 3u) / 4u;
    const uint32_t back = 4u * blocks - g->out_c;
    const uint32_t last = (blocks - 1u) * block_bytes(g->in_bytes) + (back ? 0u : 4u);
    ew_gemm_core_s8_t core = {
        .x_step_2 = 2u * g->x_step,
        .w = g->w,
        .y_skip = 2u * g->y_step - g->out_c,
        .x_0 = g->x,
        .x_1 = g->x + g->x_step,
        .pairs = g->pixels / 2u,
        .steps = ew_whole_vectors(g->in_bytes) / EW_VECTOR_BYTES,
        .y_zero = g->y_zero,
        .back = back,
        .act_min = g->act_min,
        .act_max = g->act_max,
        .y_0 = g->y,
        .y_1 = g->y + g->y_step,
        .last = (const int8_t *)g->w + last,
    };
    if (core.pairs) {
        ew_gemm_core_s8__mve(&core);
    }
    if (g->pixels % 2u) { /* the last pixel, as both of a pair */
        core.pairs = 1;
        core.x_0 = core.x_1 = g->x + (g->pixels - 1u) * g->x_step;
        core.y_0 = core.y_1 = g->y + (g->pixels - 1u) * g->y_step;
        ew_gemm_core_s8__mve(&core);
    }
}

void ew_gemm_bounded_s8__mve(ew_gemm_s8_t *g, const int8_t *x_end, int8_t *tail)
{
    const uint32_t depth = ew_whole_vectors(g->in_bytes);
    uint32_t inside = g->pixels;
    while (inside && g->x + (inside - 1u) * g->x_step + depth > x_end) {
        inside--;
    }
    if (inside < g->pixels) {
        inside &= ~1u; /* leaves whole pairs here */
    }
    const uint32_t outside = g->pixels - inside;
    if (inside) {
        g->pixels = inside;
        ew_gemm_s8__mve(g);
    }
    if (outside) {
        const ew_copy_blocks_s8_t rest = {.to = tail,
                                          .from = g->x + inside * g->x_step,
                                          .to_step = g->in_bytes,
                                          .from_step = g->x_step,
                                          .bytes = g->in_bytes,
                                          .blocks = outside};
        ew_copy_blocks_s8__mve(&rest);
        g->x = tail;
        g->x_step = g->in_bytes;
        g->y += inside * g->y_step;
        g->pixels = outside;
        ew_gemm_s8__mve(g);
    }
}
