/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_columns16_s8__mve.c: 3 x 3 convolution over 16 channels down its output columns. w: the words of
 * ew_columns__mve.h, then blocks of ew_gemm__mve.h with vectors in the order 0 1 2 3 4 7 5 8 6. */
#include "mve/ew_columns__mve.h"
#include "mve/ew_kernels__mve.h"

/* Pairs of neighbours, two pixels or more; of an odd number the last but one is computed twice. */
static void shared_product(ew_gemm_core__mve_t *g, const int8_t *windows, int8_t *y, uint32_t pixels)
{
    g->pairs = pixels / 2u;
    g->x_1 = windows + g->x_step;
    g->y_0 = y;
    g->y_1 = y + g->y_step;
    ew_gemm_core_shared__mve(g);
    if (pixels % 2u) {
        g->pairs = 1;
        g->x_1 = windows + (pixels - 1u) * g->x_step;
        g->y_0 = y + (pixels - 2u) * g->y_step;
        g->y_1 = g->y_0 + g->y_step;
        ew_gemm_core_shared__mve(g);
    }
}

/* 3 x 3 over 16 channels with vertical stride 1; two output rows or more. */
void ew_conv_columns16_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_columns(p, x, y, scratch, shared_product);
}
