/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_w4_s8__mve.c: fully connected with 4-bit weights, one row. */
#include "mve/ew_copy__mve.h"
#include "mve/ew_fc_core_w4__mve.h"
#include "mve/ew_gemm__mve.h"
#include "mve/ew_kernels__mve.h"

/* One row only. w: the blocks of ew_fc_core_w4__mve; the outputs beyond the last eight form one that zeros fill, stored
 * by way of the stack. scratch: a copy of an input whose length is not a whole number of vectors. */
void ew_fc_w4_s8__mve(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t depth = ew_whole_vectors(p->in_features);
    const uint32_t rest = p->out_features % 8u;
    ew_fc_core_w4__mve_t f = {.of = {.w = p->w,
                                     .x = x,
                                     .y = y,
                                     .blocks = p->out_features / 8u,
                                     .steps = depth / EW_VECTOR_BYTES,
                                     .y_zero = p->y_zero,
                                     .act_min = p->act_min,
                                     .act_max = p->act_max},
                              .left = p->shift - 4};
    if (depth != p->in_features) { /* the core reads whole vectors */
        ew_copy__mve(scratch, x, p->in_features);
        f.of.x = scratch;
    }
    if (f.of.blocks) {
        ew_fc_core_w4__mve(&f);
    }
    if (rest) {
        int8_t last[8];
        f.of.w = (const int8_t *)p->w + f.of.blocks * (4u * depth + 64u);
        f.of.blocks = 1;
        f.of.y = last;
        ew_fc_core_w4__mve(&f);
        ew_copy__mve(y + (p->out_features - rest), last, rest);
    }
}
