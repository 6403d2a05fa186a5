/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_core__sdot.S: ew_gemm_fours__sdot and its siblings; ew_gemm__sdot.h has the contract.
 *
 * Four rows meet sixteen outputs: per 32 inputs 128 SDOT, 4 loads of inputs and 8 of weights. Or one row does: per 64
 * inputs 64 SDOT, one load of inputs and 16 of weights.
 *
 * v16-v31 sums, four vectors for each row; v4-v7 weights; v0-v3 and v8-v11 inputs of the rows. At the end v12-v15 half
 * of mult, v0-v3 scaled sums.
 */

#include "sdot/ew_output__sdot.inc"

    .arch armv8.2-a+dotprod
    .text

/* Offsets in ew_gemm__sdot_t. */
    .equ Y, 16
    .equ W, 32
    .equ BLOCKS, 48
    .equ IS_NARROW, 64
    .equ RUNS, 72
    .equ RUN_BYTES, 80
    .equ ZERO, 96
    .equ SHIFT, 160
    .equ LIMITS, 176

/* Four inputs of a row, in one lane of x, and sixteen outputs. */
.macro ROW_STEP s0, s1, s2, s3, x, lane
    sdot v\s0\().4s, v4.16b, v\x\().4b[\lane]
    sdot v\s1\().4s, v5.16b, v\x\().4b[\lane]
    sdot v\s2\().4s, v6.16b, v\x\().4b[\lane]
    sdot v\s3\().4s, v7.16b, v\x\().4b[\lane]
.endm

.macro STEP a, b, c, d, lane
    ld1  {v4.16b-v7.16b}, [x15], #64
    ROW_STEP 16, 17, 18, 19, \a, \lane
    ROW_STEP 20, 21, 22, 23, \b, \lane
    ROW_STEP 24, 25, 26, 27, \c, \lane
    ROW_STEP 28, 29, 30, 31, \d, \lane
.endm

.macro SIXTEEN a, b, c, d
    STEP \a, \b, \c, \d, 0
    STEP \a, \b, \c, \d, 1
    STEP \a, \b, \c, \d, 2
    STEP \a, \b, \c, \d, 3
.endm

/* Sixteen outputs of a row to [x16], which moves to the next row. Bounds: the scaled sums fit int16. */
.macro FINISH_NARROW s0, s1, s2, s3
    ld1  {v0.4s-v3.4s}, [x10]
    NARROW_SIXTEEN 0, 1, 2, 3, \s0, \s1, \s2, \s3, 12, 13, 14, 15
    st1  {v0.16b}, [x16], x4
.endm

/* The same for any sums, shift and limits: v4 shift, v5 zero point, v6 and v7 limits. */
.macro FINISH_ANY s0, s1, s2, s3
    sqshl v0.4s, v\s0\().4s, v4.4s
    sqshl v1.4s, v\s1\().4s, v4.4s
    sqshl v2.4s, v\s2\().4s, v4.4s
    sqshl v3.4s, v\s3\().4s, v4.4s
    sqrdmulh v0.4s, v0.4s, v12.4s
    sqrdmulh v1.4s, v1.4s, v13.4s
    sqrdmulh v2.4s, v2.4s, v14.4s
    sqrdmulh v3.4s, v3.4s, v15.4s
    sqxtn v0.4h, v0.4s
    sqxtn2 v0.8h, v1.4s
    sqxtn v2.4h, v2.4s
    sqxtn2 v2.8h, v3.4s
    sqadd v0.8h, v0.8h, v5.8h
    sqadd v2.8h, v2.8h, v5.8h
    sqxtn v0.8b, v0.8h
    sqxtn2 v0.16b, v2.8h
    smax v0.16b, v0.16b, v6.16b
    smin v0.16b, v0.16b, v7.16b
    st1  {v0.16b}, [x16], x4
.endm

.macro LOAD_ANY
    ldr  q4, [x0, #SHIFT]
    ld1r {v5.8h}, [x10]         /* the low half of the zero point */
    ldp  q6, q7, [x0, #LIMITS]
.endm

.macro ENTER has_runs
    stp  d8, d9, [sp, #-96]!
    stp  d10, d11, [sp, #16]
    stp  d12, d13, [sp, #32]
    stp  d14, d15, [sp, #48]
    stp  x19, x20, [sp, #64]
    stp  x21, x22, [sp, #80]
    ldp  x1, x2, [x0]           /* x, x_pitch */
    ldp  x3, x4, [x0, #Y]       /* and out_c */
    ldp  x5, x7, [x0, #W]       /* and k */
    ldp  x8, x9, [x0, #BLOCKS]  /* and groups */
    add  x10, x0, #ZERO
  .if \has_runs
    ldr  x22, [x0, #RUN_BYTES]
    and  x21, x7, #-16
    sub  x22, x22, x21
  .endif
.endm

.macro LEAVE
    ldp  x19, x20, [sp, #64]
    ldp  x21, x22, [sp, #80]
    ldp  d10, d11, [sp, #16]
    ldp  d12, d13, [sp, #32]
    ldp  d14, d15, [sp, #48]
    ldp  d8, d9, [sp], #96
    ret
.endm

/* has_runs: a row of x is several runs; x22 leads from where the reading of one has ended to the next. */
.macro FOURS name, has_runs
    .global \name
    .type \name, %function
    .balign 16
\name:
    ENTER \has_runs
.Lgroup\@:
    mov  x15, x5
    mov  x17, x8
    mov  x20, x3
    add  x19, x3, x4
    sub  x19, x19, #16          /* where the last block goes */
.Lblock\@:
    mov  x11, x1
    add  x12, x1, x2
    add  x13, x12, x2
    add  x14, x13, x2
    ld1  {v16.4s-v19.4s}, [x15]
    ld1  {v20.4s-v23.4s}, [x15]
    ld1  {v24.4s-v27.4s}, [x15]
    ld1  {v28.4s-v31.4s}, [x15], #64
  .if \has_runs
    ldr  x21, [x0, #RUNS]
  .endif
.Lrun\@:
    lsr  x6, x7, #5
    cbz  x6, 2f
1:  ldp  q0, q8, [x11], #32
    ldp  q1, q9, [x12], #32
    ldp  q2, q10, [x13], #32
    ldp  q3, q11, [x14], #32
    subs x6, x6, #1
    SIXTEEN 0, 1, 2, 3
    SIXTEEN 8, 9, 10, 11
    b.ne 1b
2:  tbz  x7, #4, 3f
    ldr  q0, [x11], #16
    ldr  q1, [x12], #16
    ldr  q2, [x13], #16
    ldr  q3, [x14], #16
    SIXTEEN 0, 1, 2, 3
3:  ands x6, x7, #15
    b.eq 4f
    ldr  q0, [x11]
    ldr  q1, [x12]
    ldr  q2, [x13]
    ldr  q3, [x14]
    STEP 0, 1, 2, 3, 0
    cmp  x6, #4
    b.ls 4f
    STEP 0, 1, 2, 3, 1
    cmp  x6, #8
    b.ls 4f
    STEP 0, 1, 2, 3, 2
    cmp  x6, #12
    b.ls 4f
    STEP 0, 1, 2, 3, 3
4:
  .if \has_runs
    subs x21, x21, #1
    b.eq 5f
    add  x11, x11, x22
    add  x12, x12, x22
    add  x13, x13, x22
    add  x14, x14, x22
    b    .Lrun\@
5:
  .endif
    cmp  x20, x19
    csel x16, x20, x19, lo
    ld1  {v12.4s-v15.4s}, [x15], #64
    ldr  w6, [x0, #IS_NARROW]
    cbz  w6, 6f
    FINISH_NARROW 16, 17, 18, 19
    FINISH_NARROW 20, 21, 22, 23
    FINISH_NARROW 24, 25, 26, 27
    FINISH_NARROW 28, 29, 30, 31
.Lnext\@:
    add  x20, x20, #16
    subs x17, x17, #1
    b.ne .Lblock\@
    add  x1, x1, x2, lsl #2
    add  x3, x3, x4, lsl #2
    subs x9, x9, #1
    b.ne .Lgroup\@
    LEAVE

6:  LOAD_ANY
    FINISH_ANY 16, 17, 18, 19
    FINISH_ANY 20, 21, 22, 23
    FINISH_ANY 24, 25, 26, 27
    FINISH_ANY 28, 29, 30, 31
    b    .Lnext\@
    .size \name, . - \name
.endm

    FOURS ew_gemm_fours__sdot, 0
    FOURS ew_gemm_fours_runs__sdot, 1

.macro STEP_OF_ONE x, lane
    ld1  {v4.16b-v7.16b}, [x15], #64
    ROW_STEP 16, 17, 18, 19, \x, \lane
.endm

.macro SIXTEEN_OF_ONE x
    STEP_OF_ONE \x, 0
    STEP_OF_ONE \x, 1
    STEP_OF_ONE \x, 2
    STEP_OF_ONE \x, 3
.endm

.macro ONES name, has_runs
    .global \name
    .type \name, %function
    .balign 16
\name:
    ENTER \has_runs
.Lrow\@:
    mov  x15, x5
    mov  x17, x8
    mov  x20, x3
    add  x19, x3, x4
    sub  x19, x19, #16          /* where the last block goes */
.Lblock\@:
    mov  x11, x1
    ld1  {v16.4s-v19.4s}, [x15], #64
  .if \has_runs
    ldr  x21, [x0, #RUNS]
  .endif
.Lrun\@:
    lsr  x6, x7, #6
    cbz  x6, 2f
1:  ld1  {v0.16b-v3.16b}, [x11], #64
    subs x6, x6, #1
    SIXTEEN_OF_ONE 0
    SIXTEEN_OF_ONE 1
    SIXTEEN_OF_ONE 2
    SIXTEEN_OF_ONE 3
    b.ne 1b
2:  ands x6, x7, #48
    b.eq 3f
1:  ldr  q0, [x11], #16
    subs x6, x6, #16
    SIXTEEN_OF_ONE 0
    b.ne 1b
3:  ands x6, x7, #15
    b.eq 4f
    ldr  q0, [x11]
    STEP_OF_ONE 0, 0
    cmp  x6, #4
    b.ls 4f
    STEP_OF_ONE 0, 1
    cmp  x6, #8
    b.ls 4f
    STEP_OF_ONE 0, 2
    cmp  x6, #12
    b.ls 4f
    STEP_OF_ONE 0, 3
4:
  .if \has_runs
    subs x21, x21, #1
    b.eq 5f
    add  x11, x11, x22
    b    .Lrun\@
5:
  .endif
    cmp  x20, x19
    csel x16, x20, x19, lo
    ld1  {v12.4s-v15.4s}, [x15], #64
    ldr  w6, [x0, #IS_NARROW]
    cbz  w6, 6f
    FINISH_NARROW 16, 17, 18, 19
.Lnext\@:
    add  x20, x20, #16
    subs x17, x17, #1
    b.ne .Lblock\@
    add  x1, x1, x2
    add  x3, x3, x4
    subs x9, x9, #1
    b.ne .Lrow\@
    LEAVE

6:  LOAD_ANY
    FINISH_ANY 16, 17, 18, 19
    b    .Lnext\@
    .size \name, . - \name
.endm

    ONES ew_gemm_ones__sdot, 0
    ONES ew_gemm_ones_runs__sdot, 1
    .section .note.GNU-stack, "", %progbits
