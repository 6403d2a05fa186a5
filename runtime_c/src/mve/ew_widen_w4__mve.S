/* SPDX-License-Identifier: Apache-2.0 */
/* ew_widen_w4__mve.S: 4-bit weights widened by whole vectors: eight instructions for 32 weights. */
#include "mve/ew_assembly__mve.inc"

/* void ew_widen_w4__mve(const uint32_t *from, uint32_t scale, uint32_t *to): see c/ew_widen_w4.h.
 * r0 from   r1 scale - 4   r2 to   r3 raw words   r4 spans   r5 times   q3 0xF0 in every byte
 * stack: 24 bytes */
FUNCTION ew_widen_w4__mve
    push        {r3-r7, lr}
    subs        r1, #4
    vmov.i8     q3, #0xF0
block:
    ldm         r0!, {r3-r5}
    cbz         r5, done
piece:
    add         r6, r0, r3, lsl #2
    add         r7, r2, r3, lsl #2
    wlstp.32    lr, r3, 2f
1:  vldrw.32    q0, [r0], #16
    vstrw.32    q0, [r2], #16
    letp        lr, 1b
2:  mov         r0, r6
    mov         r2, r7
    wls         lr, r4, 4f
3:  vldrw.32    q0, [r0], #16
    vshl.i8     q1, q0, #4
    vand        q0, q0, q3
    vshl.s8     q1, r1
    vstrw.32    q1, [r2], #16
    vshl.s8     q0, r1
    vstrw.32    q0, [r2], #16
    le          lr, 3b
4:  subs        r5, #1
    bne         piece
    b           block
done:
    pop         {r3-r7, pc}
    .size ew_widen_w4__mve, . - ew_widen_w4__mve
