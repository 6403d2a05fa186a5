/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_core__mve.h: the arguments of the assembly cores, which know this layout. */
#ifndef EW_GEMM_CORE__MVE_H
#define EW_GEMM_CORE__MVE_H

#include "c/ew_layout.h"
#include "ew_kernels.h"

typedef struct {
    uint32_t x_step_2; /* bytes to the next pixel pair */
    const void *w;
    uint32_t y_skip; /* bytes from the end of a pair's outputs to the next ones */
    const int8_t *x_0, *x_1;
    uint32_t pairs;
    uint32_t steps; /* vectors of 16 bytes, 1 or more */
    int32_t y_zero;
    uint32_t back; /* outputs that the last block shares with the one before: 0 to 3 */
    int8_t *y_0, *y_1;
    const int8_t *last; /* start of the last block when back != 0; else inside it */
    uint32_t x_step, y_step;
    uint32_t odd;          /* a pixel before the pairs; ew_gemm_core_1__mve only */
    uint32_t depth, out_c; /* not used by the cores */
} ew_gemm_core__mve_t;
EW_LAYOUT(ew_gemm_core__mve_t, 15, x_step_2, 0, w, 4, y_skip, 8, x_0, 12, x_1, 16, pairs, 20, steps, 24, y_zero, 28,
          back, 32, y_0, 36, y_1, 40, last, 44, x_step, 48, y_step, 52, odd, 56);

void ew_gemm_core__mve(const ew_gemm_core__mve_t *g);   /* three steps or more */
void ew_gemm_core_2__mve(const ew_gemm_core__mve_t *g); /* two */
void ew_gemm_core_1__mve(const ew_gemm_core__mve_t *g); /* one; pairs may be 0 */
void ew_gemm_core_1_by_8__mve(const ew_gemm_core__mve_t *g);
void ew_gemm_core_1_by_16__mve(const ew_gemm_core__mve_t *g);

/* Nine steps and an x_step of three vectors; the weights in the order that ew_gemm_core_shared__mve.S gives. */
void ew_gemm_core_shared__mve(const ew_gemm_core__mve_t *g);

#endif
