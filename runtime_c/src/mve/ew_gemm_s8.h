/* ew_gemm_s8.h: the matrix core that the MVE convolutions share. */
#ifndef EW_MVE_GEMM_S8_H
#define EW_MVE_GEMM_S8_H

#include <stdint.h>

#include "ew_kernels.h"

/* Bytes that one VLDRB reads: the depth of a product is a whole number of them. */
#define EW_VECTOR_BYTES 16

/* `pixels` dot products of depth in_bytes against every output channel:
 *   y[i * y_step + o] = requantize(bias[o] + sum_k w[o][k] * x[i * x_step + k])
 *
 * w: blocks of four channels; per block int8 [ceil(in_bytes / 16)][4][16], the last vectors filled with
 *   zeros, then int32 bias[4], then int32 mult[4], halved for VQRDMULH. When out_c % 4 != 0 the last block
 *   holds the last four channels once more. 4-byte aligned.
 * out_c: 4 or more. in_bytes: any. Reads up to the next multiple of 16 beyond in_bytes at each pixel
 *   (against zero weights), so the caller sees to it that those bytes exist.
 * y must not overlap x. */
typedef struct {
    const int8_t *x;
    int8_t *y;
    const void *w;
    uint32_t x_step, y_step; /* bytes from one pixel to the next */
    uint32_t pixels;         /* 1 or more */
    uint32_t in_bytes, out_c;
    int32_t y_zero, act_min, act_max;
} ew_gemm_s8_t;

void ew_gemm_s8__mve(const ew_gemm_s8_t *g);

/* Pixels at x, x + x_step, ... of which only those are read in place whose vectors end at x_end at the
 * latest; the others go through `tail`, whose size is ew_gemm_tail_bytes(). */
void ew_gemm_bounded_s8__mve(ew_gemm_s8_t *g, const int8_t *x_end, int8_t *tail);

/* The depth rounded up to whole vectors. */
static inline uint32_t ew_whole_vectors(uint32_t bytes)
{
    return (bytes + EW_VECTOR_BYTES - 1u) & ~(EW_VECTOR_BYTES - 1u);
}

/* g without x, y, pixels, taken from a convolution with weights w and the given depth. */
static inline ew_gemm_s8_t ew_gemm_of_conv(const ew_conv_s8_t *p, const void *w, uint32_t in_bytes)
{
    const ew_gemm_s8_t g = {.w = w,
                            .y_step = p->out_c,
                            .in_bytes = in_bytes,
                            .out_c = p->out_c,
                            .y_zero = p->y_zero,
                            .act_min = p->act_min,
                            .act_max = p->act_max};
    return g;
}

#endif
