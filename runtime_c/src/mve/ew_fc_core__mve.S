/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_core__mve.S: one row of inputs times blocks of eight channels: 17 instructions for 128 products.
 *
 *   r0 r2 r4 r6 r8 r10 r12 lr  channels 0 to 7
 *   r1 weights   r3 input   r5 output   r7 zero point   r9 rounds left   r11 where to enter `chain`
 *   q4, q5 act_min, act_max
 */
#include "mve/ew_assembly__mve.inc"

    .equ X, 0
    .equ BLOCKS, 4
    .equ ROUNDS, 8
    .equ FRAME, 16

/* \op: vmladav (start) or vmladava (go on). */
.macro STEP8 op
    vldrw.32    q2, [r1], #16
    vldrb.8     q0, [r3], #16
    vldrw.32    q3, [r1], #16
    \op\().s8   r0, q2, q0
    vldrw.32    q2, [r1], #16
    \op\().s8   r2, q3, q0
    vldrw.32    q3, [r1], #16
    \op\().s8   r4, q2, q0
    vldrw.32    q2, [r1], #16
    \op\().s8   r6, q3, q0
    vldrw.32    q3, [r1], #16
    \op\().s8   r8, q2, q0
    vldrw.32    q2, [r1], #16
    \op\().s8   r10, q3, q0
    vldrw.32    q3, [r1], #16
    \op\().s8   r12, q2, q0
    \op\().s8   lr, q3, q0
.endm
    .equ STEP_BYTES, 17 * 4
    .equ CHAIN, 8

/* Channels 0 to 3 of \q: bias and multiplier from the weights, clamp, store. */
.macro FINISH4 q
    vldrw.32    q2, [r1], #16
    vldrw.32    q3, [r1], #16
    vadd.i32    \q, \q, q2
    vqrdmlash.s32 \q, q3, r7            /* acc * mult + zero point */
    vmax.s32    \q, \q, q4
    vmin.s32    \q, \q, q5
    vstrb.32    \q, [r5], #4
.endm

/* void ew_fc_core_8__mve(const ew_fc_core__mve_t *f);
 * stack: 84 bytes */
FUNCTION ew_fc_core_8__mve
    push        {r4-r11, lr}
    vpush       {d8-d11}
    sub         sp, #FRAME
    ldm         r0, {r1-r7, r12}        /* w x y blocks steps y_zero act_min act_max */
    strd        r2, r4, [sp, #X]
    vdup.32     q4, r7
    vdup.32     q5, r12
    mov         r7, r6
    /* steps = 1 + 8 * rounds + rest; the chain is entered for the rest and goes on for the rounds */
    subs        r5, #1
    lsrs        r9, r5, #3
    str         r9, [sp, #ROUNDS]
    and         r5, #7
    movs        r4, #STEP_BYTES
    adr         r11, chain_end
    mls         r11, r5, r4, r11
    orr         r11, #1                 /* a Thumb address */
    mov         r5, r3
    mov         r3, r2
block:
    STEP8       vmladav
    bx          r11
    .balign 4
chain:
    .rept CHAIN
    STEP8       vmladava
    .endr
chain_end:
    subs        r9, #1
    bpl         chain
    vmov        q0[2], q0[0], r0, r4
    vmov        q0[3], q0[1], r2, r6
    vmov        q1[2], q1[0], r8, r12
    ldrd        r3, r4, [sp, #X]
    vmov        q1[3], q1[1], r10, lr
    ldr         r9, [sp, #ROUNDS]
    FINISH4     q0
    FINISH4     q1
    subs        r4, #1
    str         r4, [sp, #BLOCKS]
    bne         block
    add         sp, #FRAME
    vpop        {d8-d11}
    pop         {r4-r11, pc}
    .size ew_fc_core_8__mve, . - ew_fc_core_8__mve

/* void ew_fc_core_4__mve(const ew_fc_core__mve_t *f);
 * stack: 68 bytes */
FUNCTION ew_fc_core_4__mve
    push        {r4-r11, lr}
    vpush       {d8-d11}
    ldm         r0, {r1-r7, r12}        /* w x y blocks steps y_zero act_min act_max */
    vdup.32     q4, r7
    vdup.32     q5, r12
    mov         r7, r6
    mov         r9, r4
    mov         r11, r5
    mov         r5, r3
    mov         r8, r2
1:  mov         r3, r8
    movs        r0, #0
    movs        r2, #0
    movs        r4, #0
    movs        r6, #0
    dls         lr, r11
2:  vldrb.8     q0, [r3], #16
    vldrw.32    q2, [r1], #16
    vldrw.32    q3, [r1], #16
    vmladava.s8 r0, q2, q0
    vldrw.32    q2, [r1], #16
    vmladava.s8 r2, q3, q0
    vldrw.32    q3, [r1], #16
    vmladava.s8 r4, q2, q0
    vmladava.s8 r6, q3, q0
    le          lr, 2b
    vmov        q0[2], q0[0], r0, r4
    vmov        q0[3], q0[1], r2, r6
    FINISH4     q0
    subs        r9, #1
    bne         1b
    vpop        {d8-d11}
    pop         {r4-r11, pc}
    .size ew_fc_core_4__mve, . - ew_fc_core_4__mve
