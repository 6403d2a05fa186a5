/* SPDX-License-Identifier: Apache-2.0 */
/* ew_broadcast.h: the walk over the rows (innermost dimension) of two broadcast operands. */
#ifndef EW_BROADCAST_H
#define EW_BROADCAST_H

#include "ew_kernels.h"

typedef struct {
    uint32_t index[EW_BROADCAST_RANK - 1]; /* of this row, along the outer dimensions */
    uint32_t a, b;                         /* element of each operand where the row starts */
    uint32_t n, a_step, b_step;            /* length of a row, and an operand's step along it */
} ew_broadcast_row_t;

static inline ew_broadcast_row_t ew_broadcast_begin(const ew_broadcast_t *shape)
{
    const ew_broadcast_row_t first = {{0, 0, 0},
                                      0,
                                      0,
                                      shape->dims[EW_BROADCAST_RANK - 1],
                                      shape->a_strides[EW_BROADCAST_RANK - 1],
                                      shape->b_strides[EW_BROADCAST_RANK - 1]};
    return first;
}

/* Move to the next row; 0 after the last one. Unsigned wrap-around undoes a finished dimension. */
static inline int ew_broadcast_next(const ew_broadcast_t *shape, ew_broadcast_row_t *row)
{
    for (int k = EW_BROADCAST_RANK - 2; k >= 0; k--) {
        row->a += shape->a_strides[k];
        row->b += shape->b_strides[k];
        if (++row->index[k] < shape->dims[k]) {
            return 1;
        }
        row->index[k] = 0;
        row->a -= shape->dims[k] * shape->a_strides[k];
        row->b -= shape->dims[k] * shape->b_strides[k];
    }
    return 0;
}

#endif
