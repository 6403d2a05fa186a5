/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_any_core__mve.S: windows of any number of vectors over cells, four outputs at a time. */
#include "mve/ew_assembly__mve.inc"

/* Fields of ew_depthwise_any__mve_t. */
    .equ D_W, 0
    .equ D_BIAS_MULT, 4
    .equ D_Y, 8
    .equ D_CELLS, 12
    .equ D_WORDS, 16
    .equ D_CHANNELS, 20
    .equ D_Y_CHANNEL, 24
    .equ D_VECTORS, 28
    .equ D_CELL_STEP, 32
    .equ D_Y_STEP, 36
    .equ D_OUT, 40
    .equ D_Y_ZERO, 44
/* The frame. */
    .equ F_LEFT, 0      /* outputs left in this row */
    .equ F_Y, 4
    .equ F_CHANNELS, 8  /* left */
    .equ F_CELLS, 12    /* of this channel */
    .equ FRAME, 16

/* void ew_depthwise_any_core__mve(const ew_depthwise_any__mve_t *d);
 *
 *   r0 r2 r4 r6 sums   r1 r3 r5 r7 cells of the four outputs   r8 patterns   r9 word offsets   r10 y
 *   r11 bias_mult   r12 d
 *   q6 offsets of the four outputs in y   q1 pattern   q2 word offsets
 * stack: 116 bytes */
FUNCTION ew_depthwise_any_core__mve
    push        {r4-r11, lr}
    vpush       {d8-d15}
    sub         sp, #FRAME
    mov         r12, r0
    ldr         r1, [r12, #D_Y_STEP]
    movs        r0, #0
    vidup.u32   q6, r0, #1
    vmul.i32    q6, q6, r1
    ldr         r11, [r12, #D_BIAS_MULT]
    ldrd        r10, r1, [r12, #D_Y]
    ldr         r2, [r12, #D_CHANNELS]
    ldr         r8, [r12, #D_W]
    str         r10, [sp, #F_Y]
    strd        r2, r1, [sp, #F_CHANNELS]
1:  ldr         r0, [r12, #D_OUT]       /* a channel; its patterns start at r8 */
    ldrd        r2, r1, [sp, #F_CHANNELS]
    str         r0, [sp, #F_LEFT]
2:  ldrd        lr, r0, [r12, #D_VECTORS] /* vectors cell_step */
    ldr         r9, [r12, #D_WORDS]
    adds        r3, r1, r0
    adds        r5, r3, r0
    adds        r7, r5, r0
    movs        r0, #0
    movs        r2, #0
    movs        r4, #0
    movs        r6, #0
    dls         lr, lr
3:  vldrw.u32   q2, [r9], #16
    vldrb.8     q1, [r8], #16
    vldrw.u32   q0, [r1, q2]
    vldrw.u32   q3, [r3, q2]
    vmladava.s8 r0, q0, q1
    vldrw.u32   q0, [r5, q2]
    vmladava.s8 r2, q3, q1
    vldrw.u32   q3, [r7, q2]
    vmladava.s8 r4, q0, q1
    vmladava.s8 r6, q3, q1
    le          lr, 3b
    vmov        q0[2], q0[0], r0, r4
    vmov        q0[3], q0[1], r2, r6
    ldrd        r0, r2, [r11]           /* bias mult */
    ldr         r6, [r12, #D_Y_ZERO]
    vadd.i32    q0, q0, r0
    vqrdmulh.s32 q0, q0, r2
    ldr         r4, [sp, #F_LEFT]
    vadd.i32    q0, q0, r6
    vctp.32     r4
    vqmovnb.s32 q0, q0
    subs        r4, #4
    vqmovnb.s16 q0, q0
    str         r4, [sp, #F_LEFT]
    vpst
    vstrbt.32   q0, [r10, q6]
    bls         4f
    ldrd        r4, r0, [r12, #D_VECTORS]
    ldr         r2, [r12, #D_Y_STEP]
    sub         r8, r8, r4, lsl #4      /* the same patterns again */
    add         r1, r1, r0, lsl #2
    add         r10, r10, r2, lsl #2
    b           2b
4:  ldrd        r2, r1, [sp, #F_CHANNELS]
    ldr         r10, [sp, #F_Y]
    ldr         r0, [r12, #D_Y_CHANNEL]
    adds        r1, #4
    add         r10, r0
    adds        r11, #8
    str         r10, [sp, #F_Y]
    subs        r2, #1
    strd        r2, r1, [sp, #F_CHANNELS]
    bne         1b
    add         sp, #FRAME
    vpop        {d8-d15}
    pop         {r4-r11, pc}
    .size ew_depthwise_any_core__mve, . - ew_depthwise_any_core__mve
