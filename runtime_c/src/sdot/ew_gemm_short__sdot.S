/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_short__sdot.S: ew_gemm_short1__sdot to ew_gemm_short4__sdot; ew_gemm__sdot.h has the contract.
 *
 * The weights of sixteen outputs stay in registers while all rows pass: eleven instructions for sixteen outputs of a
 * row beside its SDOT.
 *
 * v0-v3 scaled sums, v4-v7 sums, v8 inputs, v12-v15 half of mult, v16-v31 weights.
 */

#include "sdot/ew_output__sdot.inc"

    .arch armv8.2-a+dotprod
    .text

/* Offsets in ew_gemm__sdot_t. */
    .equ Y, 16
    .equ W, 32
    .equ BLOCKS, 48
    .equ ZERO, 96

.macro STEP w0, w1, w2, w3, lane
    sdot v4.4s, v\w0\().16b, v8.4b[\lane]
    sdot v5.4s, v\w1\().16b, v8.4b[\lane]
    sdot v6.4s, v\w2\().16b, v8.4b[\lane]
    sdot v7.4s, v\w3\().16b, v8.4b[\lane]
.endm

.macro ROW steps
  .if \steps <= 2
    ld1  {v8.8b}, [x11], x2
  .else
    ld1  {v8.16b}, [x11], x2
  .endif
    ld1  {v4.4s-v7.4s}, [x15]
    ld1  {v0.4s-v3.4s}, [x10]
    STEP 16, 17, 18, 19, 0
  .if \steps > 1
    STEP 20, 21, 22, 23, 1
  .endif
  .if \steps > 2
    STEP 24, 25, 26, 27, 2
  .endif
  .if \steps > 3
    STEP 28, 29, 30, 31, 3
  .endif
    NARROW_SIXTEEN 0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15
    st1  {v0.16b}, [x16], x4
.endm

.macro SHORT name, steps
    .global \name
    .type \name, %function
    .balign 16
\name:
    stp  d8, d12, [sp, #-32]!
    stp  d13, d14, [sp, #16]
    ldp  x1, x2, [x0]           /* x, x_pitch */
    ldp  x3, x4, [x0, #Y]       /* and out_c */
    ldr  x15, [x0, #W]
    ldp  x8, x9, [x0, #BLOCKS]  /* and groups */
    add  x10, x0, #ZERO
    add  x7, x3, x4
    sub  x7, x7, #16            /* where the last block goes */
    fmov x6, d15
1:  add  x5, x15, #64
    ld1  {v16.16b-v19.16b}, [x5], #64
  .if \steps > 1
    ld1  {v20.16b-v23.16b}, [x5], #64
  .endif
  .if \steps > 2
    ld1  {v24.16b-v27.16b}, [x5], #64
  .endif
  .if \steps > 3
    ld1  {v28.16b-v31.16b}, [x5], #64
  .endif
    ld1  {v12.4s-v15.4s}, [x5], #64
    cmp  x3, x7
    csel x16, x3, x7, lo
    mov  x11, x1
    subs x12, x9, #2
    b.lo 3f
2:  ROW  \steps
    subs x12, x12, #2
    ROW  \steps
    b.hs 2b
3:  tbz  x12, #0, 4f            /* x12 is 2 less than what is left */
    ROW  \steps
4:  mov  x15, x5
    add  x3, x3, #16
    subs x8, x8, #1
    b.ne 1b
    fmov d15, x6
    ldp  d13, d14, [sp, #16]
    ldp  d8, d12, [sp], #32
    ret
    .size \name, . - \name
.endm

    SHORT ew_gemm_short1__sdot, 1
    SHORT ew_gemm_short2__sdot, 2
    SHORT ew_gemm_short3__sdot, 3
    SHORT ew_gemm_short4__sdot, 4
    .section .note.GNU-stack, "", %progbits
