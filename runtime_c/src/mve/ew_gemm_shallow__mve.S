/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_shallow__mve.S: the matrix core for depths of one or two vectors, where what stays in registers decides. */
#include "mve/ew_assembly__mve.inc"

/* int32 sums to int8 in the lowest byte of each lane. */
.macro NARROW q
    vqmovnb.s32 \q, \q
    vqmovnb.s16 \q, \q
.endm

/* Fields of ew_gemm_core__mve_t. */
    .equ G_W, 4
    .equ G_X_0, 12
    .equ G_PAIRS, 20
    .equ G_Y_ZERO, 28
    .equ G_BACK, 32
    .equ G_Y_0, 36
    .equ G_LAST, 44
    .equ G_X_STEP, 48
    .equ G_Y_STEP, 52
    .equ G_ODD, 56

/* A pixel; \step moves x on. */
.macro PIXEL q, step
  .ifb \step
    vldrb.8     \q, [r1]
    add         r1, r3
  .else
    vldrb.8     \q, [r1], #\step
  .endif
.endm

/* void ew_gemm_core_1__mve(const ew_gemm_core__mve_t *g), and for an x_step of 8 and of 16 bytes.
 *
 * Depth 16. The weights of four channels stay in q0 to q3 while all pixels pass, two a turn.
 *   r1 x   r3 x_step   r5 y   r7 y_zero   r9 y_step   r11 g   q4 bias   q5 mult
 * stack: 100 bytes */
.macro CORE_1 name, step
FUNCTION \name
    push        {r4-r11, lr}
    vpush       {d8-d15}
    mov         r11, r0
    ldr         r12, [r0, #G_W]
    ldr         r10, [r0, #G_Y_0]
    ldrd        r3, r9, [r0, #G_X_STEP]
    ldr         r7, [r0, #G_Y_ZERO]
1:  vldrw.32    q0, [r12], #16
    vldrw.32    q1, [r12], #16
    vldrw.32    q2, [r12], #16
    vldrw.32    q3, [r12], #16
    vldrw.32    q4, [r12], #16
    vldrw.32    q5, [r12], #16
    ldr         r0, [r11, #G_ODD]
    mov         r5, r10
    ldr         r1, [r11, #G_X_0]
    ldr         lr, [r11, #G_PAIRS]
    cbz         r0, 2f
    PIXEL       q6, \step               /* the first of an odd number */
    vmladav.s8  r0, q0, q6
    vmladav.s8  r2, q1, q6
    vmladav.s8  r4, q2, q6
    vmladav.s8  r6, q3, q6
    vmov        q6[2], q6[0], r0, r4
    vmov        q6[3], q6[1], r2, r6
    vadd.i32    q6, q6, q4
    vqrdmlash.s32 q6, q5, r7
    NARROW      q6
    vstrb.32    q6, [r5]
    add         r5, r9
2:  wls         lr, lr, 4f
3:  PIXEL       q6, \step
    vmladav.s8  r0, q0, q6
    PIXEL       q7, \step
    vmladav.s8  r2, q1, q6
    vmladav.s8  r4, q2, q6
    vmladav.s8  r6, q3, q6
    vmov        q6[2], q6[0], r0, r4
    vmladav.s8  r8, q0, q7
    vmov        q6[3], q6[1], r2, r6
    vmladav.s8  r0, q1, q7
    vadd.i32    q6, q6, q4
    vmladav.s8  r2, q2, q7
    vqrdmlash.s32 q6, q5, r7
    vmladav.s8  r4, q3, q7
    vmov        q7[2], q7[0], r8, r2
    NARROW      q6
    vmov        q7[3], q7[1], r0, r4
    vstrb.32    q6, [r5]
    vadd.i32    q7, q7, q4
    add         r5, r9
    vqrdmlash.s32 q7, q5, r7
    NARROW      q7
    vstrb.32    q7, [r5]
    add         r5, r9
    le          lr, 3b
4:  ldr         r0, [r11, #G_LAST]
    adds        r10, #4
    cmp         r12, r0
    blo         1b
    bne         9f
    ldr         r0, [r11, #G_BACK]      /* the last block overlaps the one before */
    sub         r10, r0
    b           1b
9:  vpop        {d8-d15}
    pop         {r4-r11, pc}
    .size \name, . - \name
.endm
    CORE_1      ew_gemm_core_1__mve
    CORE_1      ew_gemm_core_1_by_8__mve, 8
    CORE_1      ew_gemm_core_1_by_16__mve, 16

/* void ew_gemm_core_2__mve(const ew_gemm_core__mve_t *g);
 *
 * Depth 32. A pixel pair stays in q0 to q3 while all channels pass, four a turn.
 *   r1 weights   r3 x   r5 y of pixel 0   r7 y of pixel 1   r9 last block   r11 y_zero
 * stack: 124 bytes */
    .equ X_STEP, 0
    .equ WEIGHTS, 4
    .equ Y_SKIP, 8
    .equ PAIRS, 12
    .equ BACK, 16
FUNCTION ew_gemm_core_2__mve
    push        {r4-r11, lr}
    vpush       {d8-d15}
    sub         sp, #24
    ldm         r0, {r1-r6}             /* x_step_2 weights y_skip x_0 x_1 pairs */
    ldr         r1, [r0, #G_X_STEP]
    strd        r1, r2, [sp, #X_STEP]
    strd        r3, r6, [sp, #Y_SKIP]
    mov         r3, r4
    ldrd        r5, r7, [r0, #G_Y_0]
    ldr         r9, [r0, #G_LAST]
    ldrd        r11, r10, [r0, #G_Y_ZERO]
    str         r10, [sp, #BACK]
    mov         r1, r2
    ldr         r0, [sp, #X_STEP]
1:  vldrb.8     q0, [r3]
    vldrb.8     q1, [r3, #16]
    add         r3, r0
    vldrb.8     q2, [r3]
    vldrb.8     q3, [r3, #16]
    add         r3, r0
2:  vldrw.32    q4, [r1], #16
    vldrw.32    q5, [r1], #16
    vmladav.s8  r0, q4, q0
    vldrw.32    q6, [r1], #16
    vmladav.s8  r8, q4, q2
    vldrw.32    q7, [r1], #16
    vmladav.s8  r2, q5, q0
    vldrw.32    q4, [r1], #16
    vmladav.s8  r10, q5, q2
    vldrw.32    q5, [r1], #16
    vmladav.s8  r4, q6, q0
    vmladav.s8  r12, q6, q2
    vldrw.32    q6, [r1], #16
    vmladav.s8  r6, q7, q0
    vmladav.s8  lr, q7, q2
    vldrw.32    q7, [r1], #16
    vmladava.s8 r0, q4, q1
    vmladava.s8 r8, q4, q3
    vmladava.s8 r2, q5, q1
    vmladava.s8 r10, q5, q3
    vmladava.s8 r4, q6, q1
    vmladava.s8 r12, q6, q3
    vldrw.32    q6, [r1], #16           /* bias */
    vmladava.s8 r6, q7, q1
    vmladava.s8 lr, q7, q3
    vmov        q4[2], q4[0], r0, r4
    vldrw.32    q7, [r1], #16           /* mult */
    vmov        q4[3], q4[1], r2, r6
    vmov        q5[2], q5[0], r8, r12
    vadd.i32    q4, q4, q6
    vmov        q5[3], q5[1], r10, lr
    vqrdmlash.s32 q4, q7, r11
    vadd.i32    q5, q5, q6
    NARROW      q4
    vqrdmlash.s32 q5, q7, r11
    vstrb.32    q4, [r5], #4
    NARROW      q5
    cmp         r1, r9
    vstrb.32    q5, [r7], #4
    blo         2b
    beq         3f
    ldm         sp, {r0-r2, r4}
    add         r5, r2
    add         r7, r2
    subs        r4, #1
    str         r4, [sp, #PAIRS]
    bne         1b
    add         sp, #24
    vpop        {d8-d15}
    pop         {r4-r11, pc}
3:  ldr         r0, [sp, #BACK]         /* the last block overlaps the one before */
    subs        r5, r0
    subs        r7, r0
    b           2b
    .size ew_gemm_core_2__mve, . - ew_gemm_core_2__mve
