/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc_core_w4__mve.S: one row of inputs times blocks of eight channels with 4-bit weights: 17 instructions for 128
 * products, as for int8 from half the bytes.
 *
 * A byte is lo + 16 hi, both signed, channels c and c + 4 for one input; shifted left by 4 it is 16 lo:
 *   shifted . x = 16 s(c)      byte . x = s(c) + 16 s(c + 4)      16 s(c + 4) = that - (16 s(c) >> 4)
 * and one shift at the end takes the factor 16 away, and does what the layer shifts left.
 * Bounds: 16 |s| < 2^31 and |s + bias| << shift < 2^31, which packing checks.
 *
 *   r0 r2 r4 r6    16 s of channels 0 to 3       r1 weights  r3 input   r5 output   r7 zero point
 *   r8 r10 r12 lr  byte . x of channels 0 to 3   r9 rounds left   r11 where to enter `chain`
 *   q4, q5 act_min, act_max
 */
#include "mve/ew_assembly__mve.inc"

    .equ X, 0
    .equ BLOCKS, 4
    .equ ROUNDS, 8
    .equ LEFT, 12
    .equ FRAME, 16

/* \op: vmladav (start) or vmladava (go on). */
.macro STEP8 op
    vldrb.8     q0, [r3], #16
    vldrw.32    q2, [r1], #16
    vshl.i8     q3, q2, #4
    \op\().s8   r8, q2, q0
    vldrw.32    q1, [r1], #16
    \op\().s8   r0, q3, q0
    vshl.i8     q3, q1, #4
    \op\().s8   r10, q1, q0
    vldrw.32    q2, [r1], #16
    \op\().s8   r2, q3, q0
    vshl.i8     q3, q2, #4
    \op\().s8   r12, q2, q0
    vldrw.32    q1, [r1], #16
    \op\().s8   r4, q3, q0
    vshl.i8     q3, q1, #4
    \op\().s8   lr, q1, q0
    \op\().s8   r6, q3, q0
.endm
    .equ STEP_BYTES, 17 * 4
    .equ CHAIN, 8

/* Four channels of \q, shifted by r9: bias and multiplier from the weights, clamp, store. */
.macro FINISH4 q
    vldrw.32    q2, [r1], #16
    vshl.s32    \q, r9
    vldrw.32    q3, [r1], #16
    vadd.i32    \q, \q, q2
    vqrdmlash.s32 \q, q3, r7            /* acc * mult + zero point */
    vmax.s32    \q, \q, q4
    vmin.s32    \q, \q, q5
    vstrb.32    \q, [r5], #4
.endm

/* void ew_fc_core_w4__mve(const ew_fc_core_w4__mve_t *f);
 * stack: 84 bytes */
FUNCTION ew_fc_core_w4__mve
    push        {r4-r11, lr}
    vpush       {d8-d11}
    sub         sp, #FRAME
    ldm         r0!, {r1-r7, r12}       /* w x y blocks steps y_zero act_min act_max */
    ldr         r0, [r0]
    strd        r2, r4, [sp, #X]
    str         r0, [sp, #LEFT]
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
    sub         r8, r8, r0, asr #4
    sub         r10, r10, r2, asr #4
    sub         r12, r12, r4, asr #4
    sub         lr, lr, r6, asr #4
    vmov        q0[2], q0[0], r0, r4
    vmov        q0[3], q0[1], r2, r6
    vmov        q1[2], q1[0], r8, r12
    ldrd        r3, r4, [sp, #X]
    vmov        q1[3], q1[1], r10, lr
    ldr         r9, [sp, #LEFT]
    FINISH4     q0
    FINISH4     q1
    ldr         r9, [sp, #ROUNDS]
    subs        r4, #1
    str         r4, [sp, #BLOCKS]
    bne         block
    add         sp, #FRAME
    vpop        {d8-d11}
    pop         {r4-r11, pc}
    .size ew_fc_core_w4__mve, . - ew_fc_core_w4__mve
