/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__mve.h: the matrix product that the MVE convolutions and fully connected layers share.
 *
 *   y[i * y_step + o] = requantize(bias[o] + sum_k w[o][k] * x[i * x_step + k]), saturated to int8
 *
 * for every pixel i and output channel o. Weights come in blocks of four channels; per block
 *   int8 [ceil(depth / 16)][4][16], the last vectors filled with zeros,
 *   int32 bias[4], int32 mult[4], halved for VQRDMULH.
 * When out_c % 4 != 0 the last block holds the last four channels once more; when out_c < 4 the only block is
 * filled with channels of zeros. */
#ifndef EW_GEMM__MVE_H
#define EW_GEMM__MVE_H

#include <stdint.h>

#include "ew_kernels.h"
#include "mve/ew_copy__mve.h"
#include "mve/ew_gemm_core__mve.h"

/* Bytes that one VLDRB reads: the depth of a product is a whole number of them. */
#define EW_VECTOR_BYTES 16

/* The depth rounded up to whole vectors. */
static inline uint32_t ew_whole_vectors(uint32_t bytes)
{
    return (bytes + EW_VECTOR_BYTES - 1u) & ~(EW_VECTOR_BYTES - 1u);
}

/* What stays the same between calls. depth: products of one output. w: 4-byte aligned. */
typedef struct {
    const void *w;
    uint32_t depth, out_c;
    uint32_t x_step, y_step; /* bytes from one pixel to the next */
    int32_t y_zero;
} ew_gemm_shape_t;

ew_gemm_core__mve_t ew_gemm_of__mve(const ew_gemm_shape_t *shape);

/* `pixels` of them, one or more. Reads up to the next multiple of 16 beyond the depth at each pixel (against zero
 * weights), so the caller sees to it that those bytes exist. y must not overlap x. */
void ew_gemm__mve(ew_gemm_core__mve_t *g, const int8_t *x, int8_t *y, uint32_t pixels);

/* The same for an input that ends at x_end: pixels whose vectors would go beyond are copied to `tail`, whose size
 * is tail_bytes() in edgewright/kernels/mve/gemm.py. Leaves *g as it was. */
void ew_gemm_bounded__mve(ew_gemm_core__mve_t *g, const int8_t *x, const int8_t *x_end, int8_t *y, uint32_t pixels,
                          int8_t *tail);

/* The clamp that the product leaves out, for layers whose range is narrower than int8. */
static inline void ew_clamp_of_conv(const ew_conv_s8_t *p, int8_t *y)
{
    if (p->act_min > -128 || p->act_max < 127) {
        ew_clamp__mve(y, (uint32_t)p->out_h * p->out_w * p->out_c, p->act_min, p->act_max);
    }
}

#endif
