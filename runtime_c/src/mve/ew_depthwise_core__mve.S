/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_core__mve.S: see ew_depthwise_core__mve.h. */
#include "mve/ew_assembly__mve.inc"

/* void ew_cells__mve(const ew_cells__mve_t *c);
 * stack: 36 bytes */
FUNCTION ew_cells__mve
    push        {r4-r11, lr}
    add         r9, r0, #32
    ldm         r9, {r8, r10, r11}      /* to cells channels */
    ldm         r0, {r0-r7}             /* line[4] step[4] */
    vctp.8      r11
    dls         lr, r10
1:  vpstttt
    vldrbt.8    q0, [r0]
    vldrbt.8    q1, [r1]
    vldrbt.8    q2, [r2]
    vldrbt.8    q3, [r3]
    add         r0, r4
    add         r1, r5
    add         r2, r6
    add         r3, r7
    vst40.8     {q0, q1, q2, q3}, [r8]
    vst41.8     {q0, q1, q2, q3}, [r8]
    vst42.8     {q0, q1, q2, q3}, [r8]
    vst43.8     {q0, q1, q2, q3}, [r8]!
    le          lr, 1b
    pop         {r4-r11, pc}
    .size ew_cells__mve, . - ew_cells__mve

/* Offsets in ew_depthwise_core__mve_t. */
    .equ W, 0
    .equ Y, 8
    .equ CELLS, 12
    .equ CHANNELS, 16
    .equ Y_TWO_BLOCKS, 24
    .equ LAST_IS_TWO, 32
    .equ MASK, 36
    .equ Y_ZERO, 40
    .equ OFFSET, 44
    .equ WORD, 60
/* The frame. */
    .equ F_TWOS, 0
    .equ F_LAST, 4      /* where the last store is made */
    .equ F_END, 8       /* bias_mult of the channel after the last */
    .equ FRAME, 16

/* The next block's four sums, in r0 r2 r4 r6 and then in the lanes of \q; one patch, two or four. */
.macro BLOCK q, patches, cell
    vldrw.u32   \q, [q7, #\cell]!
  .if \patches == 1
    vmladav.s8  r0, \q, q1
    vmladav.s8  r2, \q, q2
    vmladav.s8  r4, \q, q3
    vmladav.s8  r6, \q, q4
  .elseif \patches == 2
    vldrw.u32   q2, [q7, #\cell]!
    vmladav.s8  r0, \q, q1
    vmladav.s8  r2, \q, q4
    vmladav.s8  r4, q2, q1
    vmladav.s8  r6, q2, q4
  .else
    vldrw.u32   q2, [q7, #\cell]!
    vmladav.s8  r0, \q, q1
    vldrw.u32   q3, [q7, #\cell]!
    vmladav.s8  r2, q2, q1
    vldrw.u32   q4, [q7, #\cell]!
    vmladav.s8  r4, q3, q1
    vmladav.s8  r6, q4, q1
  .endif
    vmov        \q[2], \q[0], r0, r4
    vmov        \q[3], \q[1], r2, r6
.endm

/* Two blocks in q0 and q5 to bytes in the halfwords of q0, alternating. Saturating to 16 bits before the zero
 * point is added changes nothing, as the result is saturated to 8 bits. */
.macro REQUANTIZE_TWO
    vadd.i32    q0, q0, r9
    vadd.i32    q5, q5, r9
    vqrdmulh.s32 q0, q0, r11
    vqrdmulh.s32 q5, q5, r11
    vqmovnb.s32 q0, q0
    vqmovnt.s32 q0, q5
    vqadd.s16   q0, q0, r12
    vqmovnb.s16 q0, q0
.endm

/*   r0 r2 r4 r6 sums   r1 w   r3 bias_mult   r5 y   r7 y_two_blocks   r9 bias   r11 mult   r12 y_zero
 *   r8  from the last gather to the next channel's first   r10 the same for y
 *   q1 to q4 patterns   q6 offsets   q7 addresses of the last gather
 * \patches: patches of a block. \cell: bytes from one patch to the next.
 * \s1 \s2 \s3: how far below w the patterns of outputs 1 to 3 of a patch are read. */
.macro CORE name, patches, cell, s1, s2, s3
FUNCTION \name
    push        {r4-r11, lr}
    vpush       {d8-d15}
    sub         sp, #FRAME
    ldr         r1, [r0, #MASK]
    adds        r2, r0, #OFFSET
    vmsr        p0, r1
    vldrw.32    q6, [r2]
    vldrw.32    q7, [r2, #WORD - OFFSET]
    ldr         r1, [r0, #CELLS]
    subs        r1, #\cell
    vadd.i32    q7, q7, r1
    ldr         r12, [r0, #Y_ZERO]
    ldrd        r1, r3, [r0, #W]
    ldr         r5, [r0, #Y]
    ldrd        r2, r10, [r0, #CHANNELS]
    ldrd        r7, r4, [r0, #Y_TWO_BLOCKS]
    ldr         r6, [r0, #LAST_IS_TWO]
    add         r2, r3, r2, lsl #3
    str         r4, [sp, #F_TWOS]
    str         r2, [sp, #F_END]
    mls         r10, r4, r7, r10        /* y_channel - twos * y_two_blocks */
    adds        r2, r6, #1
    add         r4, r2, r4, lsl #1      /* blocks */
    mov         r2, #\patches * \cell
    mul         r8, r4, r2
    adr         r2, 3f
    cbz         r6, 1f
    adr         r2, 4f
1:  orr         r2, #1                  /* a Thumb address */
    rsb         r8, #4
    str         r2, [sp, #F_LAST]

2:
  .if \patches == 1
    vldrb.8     q2, [r1, #-\s1]
    vldrb.8     q3, [r1, #-\s2]
    vldrb.8     q4, [r1, #-\s3]
  .elseif \patches == 2
    vldrb.8     q4, [r1, #-\s1]
  .endif
    vldrb.8     q1, [r1], #16
    ldr         r0, [sp, #F_TWOS]
    ldrd        r9, r11, [r3], #8
    wls         lr, r0, 6f
5:  BLOCK       q0, \patches, \cell
    BLOCK       q5, \patches, \cell
    REQUANTIZE_TWO
    vstrb.16    q0, [r5, q6]
    add         r5, r7
    le          lr, 5b
6:  ldr         pc, [sp, #F_LAST]

    .balign 4
3:  BLOCK       q0, \patches, \cell     /* the last block */
    vadd.i32    q0, q0, r9
    vqrdmulh.s32 q0, q0, r11
    vqmovnb.s32 q0, q0
    vqadd.s16   q0, q0, r12
    vqmovnb.s16 q0, q0
    b           7f
    .balign 4
4:  BLOCK       q0, \patches, \cell     /* the last two blocks */
    BLOCK       q5, \patches, \cell
    REQUANTIZE_TWO
7:  vpst
    vstrbt.16   q0, [r5, q6]
    ldr         r0, [sp, #F_END]
    vadd.i32    q7, q7, r8
    add         r5, r10
    cmp         r3, r0
    bne         2b
    add         sp, #FRAME
    vpop        {d8-d15}
    pop         {r4-r11, pc}
    .size \name, . - \name
.endm

/* void ew_depthwise_core_pairs__mve(const ew_depthwise_core__mve_t *d);
 * Outputs of a block: first, across, along, both. A byte is a position across, a word is one along.
 * stack: 116 bytes */
    CORE        ew_depthwise_core_pairs__mve, 1, 128, 1, 4, 5

/* void ew_depthwise_core_single__mve(const ew_depthwise_core__mve_t *d);
 * The same cells, but only the first outputs across.
 * stack: 116 bytes */
    CORE        ew_depthwise_core_single__mve, 2, 128, 4

/* void ew_depthwise_core_line__mve(const ew_depthwise_core__mve_t *d);
 * Four outputs along; bytes and words both are positions along.
 * stack: 116 bytes */
    CORE        ew_depthwise_core_line__mve, 1, 64, 1, 2, 3

/* void ew_depthwise_core_patches__mve(const ew_depthwise_core__mve_t *d);
 * stack: 116 bytes */
    CORE        ew_depthwise_core_patches__mve, 4, 64
