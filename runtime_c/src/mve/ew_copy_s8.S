/* ew_copy_s8.S: memory moves in tail-predicated loops, which touch no byte outside the request. */
    .syntax unified
    .thumb

.macro FUNCTION name
    .section .text.\name, "ax", %progbits
    .balign 4
    .global \name
    .type \name, %function
    .thumb_func
\name:
.endm

/* void ew_copy_s8__mve(int8_t *to, const int8_t *from, uint32_t bytes);
 * stack: 8 bytes */
FUNCTION ew_copy_s8__mve
    push        {r4, lr}
    wlstp.8     lr, r2, 2f
1:  vldrb.8     q0, [r1], #16
    vstrb.8     q0, [r0], #16
    letp        lr, 1b
2:  pop         {r4, pc}
    .size ew_copy_s8__mve, . - ew_copy_s8__mve

/* void ew_fill_s8__mve(int8_t *to, int32_t value, uint32_t bytes);
 * stack: 8 bytes */
FUNCTION ew_fill_s8__mve
    push        {r4, lr}
    vdup.8      q0, r1
    wlstp.8     lr, r2, 2f
1:  vstrb.8     q0, [r0], #16
    letp        lr, 1b
2:  pop         {r4, pc}
    .size ew_fill_s8__mve, . - ew_fill_s8__mve

/* void ew_clamp_s8__mve(int8_t *y, uint32_t bytes, int32_t act_min, int32_t act_max);
 * stack: 8 bytes */
FUNCTION ew_clamp_s8__mve
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
    .size ew_clamp_s8__mve, . - ew_clamp_s8__mve

/* void ew_copy_blocks_s8__mve(const ew_copy_blocks_s8_t *c);
 * stack: 24 bytes */
FUNCTION ew_copy_blocks_s8__mve
    push        {r4-r7, r8, lr}
    ldm         r0, {r0-r5}             /* to from to_step from_step bytes blocks */
    cbz         r5, 9f
    cmp         r4, #16
    bls         2f
    tst         r4, #31
    beq         4f
    /* any size; the pointers move by whole vectors inside a block */
    add         r6, r4, #15
    bic         r6, #15
    subs        r2, r6
    subs        r3, r6
1:  wlstp.8     lr, r4, 7f
3:  vldrb.8     q0, [r1], #16
    vstrb.8     q0, [r0], #16
    letp        lr, 3b
7:  add         r0, r2
    add         r1, r3
    subs        r5, #1
    bne         1b
9:  pop         {r4-r7, r8, pc}

2:  vctp.8      r4                      /* one vector or a part of one */
    dls         lr, r5
3:  vpstt
    vldrbt.8    q0, [r1]
    vstrbt.8    q0, [r0]
    add         r1, r3
    add         r0, r2
    le          lr, 3b
    pop         {r4-r7, r8, pc}

4:  subs        r2, r4
    subs        r3, r4
    lsrs        r4, #5
5:  dls         lr, r4
6:  vldrb.8     q0, [r1], #16
    vldrb.8     q1, [r1], #16
    vstrb.8     q0, [r0], #16
    vstrb.8     q1, [r0], #16
    le          lr, 6b
    add         r0, r2
    add         r1, r3
    subs        r5, #1
    bne         5b
    pop         {r4-r7, r8, pc}
    .size ew_copy_blocks_s8__mve, . - ew_copy_blocks_s8__mve
