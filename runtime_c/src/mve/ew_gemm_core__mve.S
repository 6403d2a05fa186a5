/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_core__mve.S: pixel pairs times blocks of four channels, depth 48 and more.
 *
 * VMLADAVA accumulates into even core registers only, and there are eight of them beside sp: two pixels
 * times four channels. The pointers take the odd ones. Six loads feed eight products of 16 bytes, 14
 * instructions for 128 multiply-accumulates; the first two vectors of both pixels stay in registers.
 *
 *   r0 r2 r4 r6    pixel 0, channels 0 to 3        r1  weights     r3  pixel 0   r11 pixel 1
 *   r8 r10 r12 lr  pixel 1, channels 0 to 3        r9  last block  r5  output 0  r7  output 1
 *   q4, q5         pixel 0, vectors 0 and 1        q6, q7  pixel 1, vectors 0 and 1
 */
#include "mve/ew_assembly__mve.inc"

/* Offsets in the frame. The first six are read by one LDM in the order of their registers. */
    .equ X_STEP_2, 0   /* r0: bytes to the next pixel pair */
    .equ WEIGHTS, 4    /* r1 */
    .equ Y_SKIP, 8     /* r2: bytes from the end of a pair's outputs to the next ones */
    .equ X_0, 12       /* r3: of vector 2 */
    .equ X_1, 16       /* r11 */
    .equ PAIRS, 20     /* r12 */
    .equ ENTRY, 24     /* where in `chain` to go after the first two steps */
    .equ Y_ZERO, 28
    .equ BACK, 32      /* outputs that the last block computes once more */
    .equ ROUNDS, 36    /* turns of `deep` before that */
    .equ DEEP_ENTRY, 40
    .equ LAST, 44      /* r9 */
    .equ FRAME, 48

/* The next four weight vectors, one of each channel, against one vector of each pixel.
 * \op: vmladav (start) or vmladava (go on). */
.macro PRODUCTS op, x0, x1
    vldrw.32    q3, [r1], #16
    \op\().s8   r0, q2, \x0
    \op\().s8   r8, q2, \x1
    \op\().s8   r2, q3, \x0
    vldrw.32    q2, [r1], #16
    \op\().s8   r10, q3, \x1
    \op\().s8   r4, q2, \x0
    vldrw.32    q3, [r1], #16
    \op\().s8   r12, q2, \x1
    \op\().s8   r6, q3, \x0
    \op\().s8   lr, q3, \x1
.endm
.macro STEP
    vldrb.8     q0, [r3], #16
    vldrw.32    q2, [r1], #16
    vldrb.8     q1, [r11], #16
    PRODUCTS    vmladava, q0, q1
.endm
    .equ STEP_BYTES, 14 * 4
    .equ CHAIN, 8

/* void ew_gemm_core__mve(const ew_gemm_core__mve_t *g): see ew_gemm_core__mve.h for the struct.
 * stack: 148 bytes */
FUNCTION ew_gemm_core__mve
    push        {r4-r11, lr}
    vpush       {d8-d15}
    sub         sp, #FRAME
    ldm         r0!, {r1-r8}            /* x_step_2 weights y_skip x_0 x_1 pairs steps y_zero */
    adds        r4, #32
    adds        r5, #32
    stm         sp, {r1-r6}
    ldm         r0, {r1-r3, r9}         /* back y_0 y_1 last */
    strd        r8, r1, [sp, #Y_ZERO]
    /* steps = 2 + 8 * rounds + rest, where rest <= 8 is run in the chain */
    mov         r10, r2
    mov         r11, r3
    subs        r7, #2
    movs        r2, #0
    cmp         r7, #CHAIN
    itt         hi
    subhi       r2, r7, #1
    lsrhi       r2, #3
    sub         r7, r7, r2, lsl #3
    movs        r3, #STEP_BYTES
    adr         r8, chain_end
    mls         r7, r7, r3, r8
    orr         r7, #1                  /* a Thumb address */
    mov         r8, r7
    cbz         r2, 1f
    adr         r8, deep
    orr         r8, #1
1:  str         r8, [sp, #ENTRY]
    strd        r2, r7, [sp, #ROUNDS]
    str         r9, [sp, #LAST]
    mov         r5, r10
    mov         r7, r11
    ldr         r1, [sp, #WEIGHTS]
    ldrd        r3, r11, [sp, #X_0]
pair:
    vldrb.8     q4, [r3, #-32]
    vldrb.8     q5, [r3, #-16]
    vldrb.8     q6, [r11, #-32]
    vldrb.8     q7, [r11, #-16]
    b           2f
block:
    ldrd        r3, r11, [sp, #X_0]
2:  vldrw.32    q2, [r1], #16
    PRODUCTS    vmladav, q4, q6
    vldrw.32    q2, [r1], #16
    PRODUCTS    vmladava, q5, q7
    ldr         pc, [sp, #ENTRY]

    .balign 4
chain:
    .rept CHAIN
    STEP
    .endr
chain_end:
    vmov        q0[2], q0[0], r0, r4
    vldrw.32    q2, [r1], #16
    vmov        q0[3], q0[1], r2, r6
    ldr         r0, [sp, #Y_ZERO]
    vmov        q1[2], q1[0], r8, r12
    vldrw.32    q3, [r1], #16
    vmov        q1[3], q1[1], r10, lr
    vadd.i32    q0, q0, q2
    vadd.i32    q1, q1, q2
    vqrdmlash.s32 q0, q3, r0            /* acc * mult + zero point */
    vqrdmlash.s32 q1, q3, r0
    vqmovnb.s32 q0, q0
    vqmovnb.s32 q1, q1
    vqmovnb.s16 q0, q0
    vqmovnb.s16 q1, q1
    vstrb.32    q0, [r5], #4
    vstrb.32    q1, [r7], #4
    cmp         r1, r9
    blo         block
    beq         step_back
    ldm         sp, {r0-r3, r11, r12}
    add         r3, r0
    add         r11, r0
    add         r5, r2
    strd        r3, r11, [sp, #X_0]
    subs        r12, #1
    add         r7, r2
    str         r12, [sp, #PAIRS]
    bne         pair
    add         sp, #FRAME
    vpop        {d8-d15}
    pop         {r4-r11, pc}

/* The last block of a channel count that is not a multiple of four overlaps the one before. */
step_back:
    ldr         r0, [sp, #BACK]
    subs        r5, r0
    subs        r7, r0
    b           block

    .balign 4
deep:
    ldr         r9, [sp, #ROUNDS]
3:  .rept CHAIN
    STEP
    .endr
    subs        r9, #1
    bne         3b
    ldr         r9, [sp, #LAST]
    ldr         pc, [sp, #DEEP_ENTRY]
    .size ew_gemm_core__mve, . - ew_gemm_core__mve
