/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_core_shared__mve.S: the matrix core for windows of nine vectors, three of which are new in each pixel: 3 x 3
 * over 16 channels. Vector k of pixel 0 is vector k - 3 of pixel 1, so a pair reads 12 vectors instead of 18, and four
 * of those stay in registers while all channels pass.
 *
 *   r0 r2 r4 r6    pixel 0, channels 0 to 3        r1  weights     r11 vector 4 of pixel 1   r3 y_zero
 *   r8 r10 r12 lr  pixel 1, channels 0 to 3        r9  last block  r5  output 0  r7  output 1
 *   q4 to q7       vectors 0 to 3 of pixel 1, which are 3 to 6 of pixel 0
 */
#include "mve/ew_assembly__mve.inc"

    .equ X_STEP_2, 0   /* r0 */
    .equ WEIGHTS, 4    /* r1 */
    .equ Y_SKIP, 8     /* r2 */
    .equ PAIRS, 12     /* r12 */
    .equ BACK, 16
    .equ FRAME, 24
    /* Fields of ew_gemm_core__mve_t. */
    .equ G_X_1, 16
    .equ G_PAIRS, 20
    .equ G_Y_ZERO, 28
    .equ G_Y_0, 36
    .equ G_LAST, 44

/* One weight vector of each channel against a vector of each pixel, of which \new is read from \at of pixel 1. */
.macro STEP op, x0, x1, new, at
    vldrw.32    q2, [r1], #16
  .ifnb \new
    vldrb.8     \new, [r11, #16 * (\at - 4)]
  .endif
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

/* void ew_gemm_core_shared__mve(const ew_gemm_core__mve_t *g);
 * Weights with their nine vectors in the order of the steps below: 0 1 2 3 4 7 5 8 6.
 * stack: 124 bytes */
FUNCTION ew_gemm_core_shared__mve
    push        {r4-r11, lr}
    vpush       {d8-d15}
    sub         sp, #FRAME
    ldm         r0, {r1-r3}
    ldrd        r11, r4, [r0, #G_X_1]
    stm         sp, {r1-r4}
    ldrd        r3, r4, [r0, #G_Y_ZERO]
    str         r4, [sp, #BACK]
    ldrd        r5, r7, [r0, #G_Y_0]
    ldr         r9, [r0, #G_LAST]
    mov         r1, r2
    adds        r11, #64
1:  vldrb.8     q4, [r11, #-64]
    vldrb.8     q5, [r11, #-48]
    vldrb.8     q6, [r11, #-32]
    vldrb.8     q7, [r11, #-16]
2:  STEP        vmladav, q0, q4, q0, -3
    STEP        vmladava, q1, q5, q1, -2
    STEP        vmladava, q0, q6, q0, -1
    STEP        vmladava, q4, q7
    STEP        vmladava, q5, q0, q0, 4
    STEP        vmladava, q0, q1, q1, 7
    STEP        vmladava, q6, q0, q0, 5
    STEP        vmladava, q0, q1, q1, 8
    STEP        vmladava, q7, q0, q0, 6
    vmov        q0[2], q0[0], r0, r4
    vldrw.32    q2, [r1], #16
    vmov        q0[3], q0[1], r2, r6
    vmov        q1[2], q1[0], r8, r12
    vldrw.32    q3, [r1], #16
    vmov        q1[3], q1[1], r10, lr
    vadd.i32    q0, q0, q2
    vadd.i32    q1, q1, q2
    vqrdmlash.s32 q0, q3, r3            /* acc * mult + zero point */
    vqrdmlash.s32 q1, q3, r3
    vqmovnb.s32 q0, q0
    vqmovnb.s32 q1, q1
    vqmovnb.s16 q0, q0
    vqmovnb.s16 q1, q1
    vstrb.32    q0, [r5], #4
    vstrb.32    q1, [r7], #4
    cmp         r1, r9
    blo         2b
    beq         3f
    ldm         sp, {r0-r2, r12}
    add         r11, r0
    add         r5, r2
    add         r7, r2
    subs        r12, #1
    str         r12, [sp, #PAIRS]
    bne         1b
    add         sp, #FRAME
    vpop        {d8-d15}
    pop         {r4-r11, pc}
3:  ldr         r0, [sp, #BACK]         /* the last block overlaps the one before */
    subs        r5, r0
    subs        r7, r0
    b           2b
    .size ew_gemm_core_shared__mve, . - ew_gemm_core_shared__mve
