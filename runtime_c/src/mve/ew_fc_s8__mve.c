/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_s8__mve.c: fully connected layers of one row; w: ew_fc_core__mve.h. */
#include "mve/ew_copy__mve.h"
#include "mve/ew_fc_core__mve.h"
#include "mve/ew_gemm__mve.h"
#include "mve/ew_kernels__mve.h"

/* One row only. The outputs beyond the last eight form a block of four or eight, stored by way of the stack. */
void ew_fc_s8__mve(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t depth = ew_whole_vectors(p->in_features);
    const uint32_t rest = p->out_features % 8u;
    ew_fc_core__mve_t f = {.w = p->w,
                           .x = x,
                           .y = y,
                           .blocks = p->out_features / 8u,
                           .steps = depth / EW_VECTOR_BYTES,
                           .y_zero = p->y_zero,
                           .act_min = p->act_min,
                           .act_max = p->act_max};
    if (depth != p->in_features) { /* the core reads whole vectors */
        ew_copy__mve(scratch, x, p->in_features);
        f.x = scratch;
    }
    if (f.blocks) {
        ew_fc_core_8__mve(&f);
    }
    if (rest) {
        int8_t last[8];
        f.w = (const int8_t *)p->w + f.blocks * (8u * depth + 64u);
        f.blocks = 1;
        f.y = last;
        if (rest > 4u) {
            ew_fc_core_8__mve(&f);
        } else {
            ew_fc_core_4__mve(&f);
        }
        ew_copy__mve(y + (p->out_features - rest), last, rest);
    }
}
