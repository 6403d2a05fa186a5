/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_core__mve.h: the arguments of ew_fc_core__mve.S, which reads them in this order. */
#ifndef EW_FC_CORE__MVE_H
#define EW_FC_CORE__MVE_H

#include "c/ew_layout.h"
#include "ew_kernels.h"

/* One row of inputs against blocks of eight or four channels, packed as [steps][channels][16] int8, then for
 * every four channels int32 bias[4] and int32 mult[4], halved. */
typedef struct {
    const void *w;
    const int8_t *x; /* whole vectors are read */
    int8_t *y;
    uint32_t blocks; /* 1 or more */
    uint32_t steps;  /* vectors of 16 bytes, 1 or more */
    int32_t y_zero, act_min, act_max;
} ew_fc_core__mve_t;
EW_LAYOUT(ew_fc_core__mve_t, 8, w, 0, x, 4, y, 8, blocks, 12, steps, 16, y_zero, 20, act_min, 24, act_max, 28);

void ew_fc_core_8__mve(const ew_fc_core__mve_t *f); /* eight outputs a block */
void ew_fc_core_4__mve(const ew_fc_core__mve_t *f); /* four outputs a block */

#endif
