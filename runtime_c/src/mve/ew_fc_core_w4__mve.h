/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_core_w4__mve.h: the arguments of ew_fc_core_w4__mve.S, which reads them in this order. */
#ifndef EW_FC_CORE_W4__MVE_H
#define EW_FC_CORE_W4__MVE_H

#include "mve/ew_fc_core__mve.h"

/* One row of inputs against blocks of eight channels, packed as [steps][4][16] bytes of two weights, channel c low and
 * c + 4 high, then for every four channels int32 bias[4], shifted left as the layer does, and int32 mult[4], halved. */
typedef struct {
    ew_fc_core__mve_t of;
    int32_t left; /* the layer's shift - 4 */
} ew_fc_core_w4__mve_t;

void ew_fc_core_w4__mve(const ew_fc_core_w4__mve_t *f);

#endif
