/* SPDX-License-Identifier: Apache-2.0 */
/* ew_lut_s8__mve.S: one gather looks up 16 values. */
#include "mve/ew_assembly__mve.inc"

/* void ew_lut_s8__mve(const ew_lut_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
 * y may be x.
 * stack: 8 bytes */
FUNCTION ew_lut_s8__mve
    push        {r4, lr}
    ldrd        r3, r4, [r0]            /* table n */
    movs        r0, #0x80
    vdup.8      q1, r0
    wlstp.8     lr, r4, 2f
1:  vldrb.8     q0, [r1], #16
    veor        q0, q0, q1              /* x + 128, unsigned */
    vldrb.u8    q2, [r3, q0]
    vstrb.8     q2, [r2], #16
    letp        lr, 1b
2:  pop         {r4, pc}
    .size ew_lut_s8__mve, . - ew_lut_s8__mve
