/* SPDX-License-Identifier: Apache-2.0 */
/* ew_copy__mve.S: memory moves in tail-predicated loops, which touch no byte outside the request. */
#include "mve/ew_assembly__mve.inc"

/* void ew_copy__mve(int8_t *to, const int8_t *from, uint32_t bytes);
 * stack: 8 bytes */
FUNCTION ew_copy__mve
    push        {r4, lr}
    wlstp.8     lr, r2, 2f
1:  vldrb.8     q0, [r1], #16
    vstrb.8     q0, [r0], #16
    letp        lr, 1b
2:  pop         {r4, pc}
    .size ew_copy__mve, . - ew_copy__mve

/* void ew_fill__mve(int8_t *to, int32_t value, uint32_t bytes);
 * stack: 8 bytes */
FUNCTION ew_fill__mve
    push        {r4, lr}
    vdup.8      q0, r1
    wlstp.8     lr, r2, 2f
1:  vstrb.8     q0, [r0], #16
    letp        lr, 1b
2:  pop         {r4, pc}
    .size ew_fill__mve, . - ew_fill__mve

/* void ew_clamp__mve(int8_t *y, uint32_t bytes, int32_t act_min, int32_t act_max);
 * stack: 8 bytes */
FUNCTION ew_clamp__mve
    push        {r4, lr}
    vdup.8      q1, r2
    vdup.8      q2, r3
    wlstp.8     lr, r1, 2f
1:  vldrb.8     q0, [r0]
    vmax.s8     q0, q0, q1
    vmin.s8     q0, q0, q2
    vstrb.8     q0, [r0], #16
    letp        lr, 1b
2:  pop         {r4, pc}
    .size ew_clamp__mve, . - ew_clamp__mve

/* void ew_copy_blocks__mve(const ew_copy_blocks__mve_t *c);
 * stack: 24 bytes */
    .equ CHAIN, 12                      /* vectors of a block that is copied without an inner loop */
FUNCTION ew_copy_blocks__mve
    push        {r4-r8, lr}
    ldm         r0, {r0-r5}             /* to from to_step from_step bytes blocks */
    cbz         r5, 9f
    cbz         r4, 9f
    cmp         r4, #16
    bls         3f
    add         r6, r4, #15             /* the pointers move by whole vectors inside a block */
    bic         r6, #15
    subs        r2, r6
    subs        r3, r6
    cmp         r6, r4
    bne         1f
    cmp         r4, #16 * CHAIN
    bls         5f
1:  dlstp.8     lr, r4
2:  vldrb.8     q0, [r1], #16
    vstrb.8     q0, [r0], #16
    letp        lr, 2b
    add         r0, r2
    add         r1, r3
    subs        r5, #1
    bne         1b
9:  pop         {r4-r8, pc}

3:  cmp         r2, r4                  /* one vector or a part of one */
    bne         6f
    cmp         r3, #16
    bhs         8f
6:  vctp.8      r4
    dls         lr, r5
4:  vpstt
    vldrbt.8    q0, [r1]
    vstrbt.8    q0, [r0]
    add         r1, r3
    add         r0, r2
    le          lr, 4b
    pop         {r4-r8, pc}

8:  add         r6, r4, #15             /* whole vectors as long as later blocks repair what they spill */
    udiv        r6, r6, r4
    subs        r6, r5, r6
    ble         6b
    lsrs        lr, r6, #1
    beq         6b
    sub         r5, r5, lr, lsl #1
    dls         lr, lr
4:  vldrb.8     q0, [r1]
    add         r1, r3
    vldrb.8     q1, [r1]
    add         r1, r3
    vstrb.8     q0, [r0]
    add         r0, r2
    vstrb.8     q1, [r0]
    add         r0, r2
    le          lr, 4b
    b           6b

5:  adr         r6, 7f                  /* whole vectors; eight bytes of code copy sixteen */
    sub         r6, r6, r4, lsr #1
    orr         r6, #1                  /* a Thumb address */
    dls         lr, r5
6:  bx          r6
    .balign 4
    .rept CHAIN
    vldrb.8     q0, [r1], #16
    vstrb.8     q0, [r0], #16
    .endr
7:  add         r0, r2
    add         r1, r3
    le          lr, 6b
    pop         {r4-r8, pc}
    .size ew_copy_blocks__mve, . - ew_copy_blocks__mve
