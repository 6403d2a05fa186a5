/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_3x3x3_core__sdot.S: ew_conv_3x3x3_row__sdot; ew_conv_3x3x3_s8__sdot.c has the contract.
 *
 * Eight outputs of two pixels at a time: both windows come out of one vector of each of three rows through TBL. The
 * weights stay in registers along the row; the last eight outputs are moved back to end with the last one.
 *
 * v0-v1 and v2-v3 windows of the two pixels, v4-v7 sums, v8-v11 rows and later scaled sums, v12-v15 where the bytes of
 * the windows are, v16-v29 weights, v30-v31 half of mult.
 */

#include "advsimd/ew_assembly_a64.inc"
#include "sdot/ew_output__sdot.inc"

    .arch armv8.2-a+dotprod
    .text

/* Offsets in ew_conv_3x3x3_t. */
    .equ W, 16
    .equ Y, 32
    .equ PIXELS, 48
    .equ ZERO, 64
    .equ LIMITS, 128

/* Four bytes of a window of each pixel. */
.macro STEP first, second, lane, w0, w1
    sdot v4.4s, v\w0\().16b, v\first\().4b[\lane]
    sdot v5.4s, v\w1\().16b, v\first\().4b[\lane]
    sdot v6.4s, v\w0\().16b, v\second\().4b[\lane]
    sdot v7.4s, v\w1\().16b, v\second\().4b[\lane]
.endm

/* Pixels until none is left of x16, two at a time; the last one may be single. */
.macro PIXELS clamped
2:  ld1  {v8.16b}, [x11], x4
    ld1  {v9.16b}, [x12], x4
    ld1  {v10.16b}, [x13], x4
    ld1  {v4.4s-v7.4s}, [x14]
    tbl  v0.16b, {v8.16b-v10.16b}, v12.16b
    tbl  v2.16b, {v8.16b-v10.16b}, v14.16b
    tbl  v1.16b, {v8.16b-v10.16b}, v13.16b
    tbl  v3.16b, {v8.16b-v10.16b}, v15.16b
    ld1  {v8.4s-v11.4s}, [x9]
    STEP 0, 2, 0, 16, 17
    STEP 0, 2, 1, 18, 19
    STEP 0, 2, 2, 20, 21
    STEP 0, 2, 3, 22, 23
    STEP 1, 3, 0, 24, 25
    STEP 1, 3, 1, 26, 27
    STEP 1, 3, 2, 28, 29
    NARROW_SIXTEEN 8, 9, 10, 11, 4, 5, 6, 7, 30, 31, 30, 31
  .if \clamped
    CLAMP_SIXTEEN 8, 9, 10, LIMITS - ZERO
  .endif
    subs x16, x16, #2
    st1  {v8.8b}, [x15], x6
    b.lo 4f
    st1  {v8.d}[1], [x15], x6
    b.ne 2b
.endm

    .global ew_conv_3x3x3_row__sdot
    .type ew_conv_3x3x3_row__sdot, %function
    .balign 16
ew_conv_3x3x3_row__sdot:
    SAVE_VECTORS
    ldp  x1, x3, [x0]           /* x, x_row_bytes */
    ldp  x2, x4, [x0, #W]       /* and x_step */
    ldp  x5, x6, [x0, #Y]       /* and out_c */
    ldp  x8, x7, [x0, #PIXELS]  /* and clamps */
    mov  x10, x6
    add  x9, x0, #ZERO
    ld1  {v12.16b-v15.16b}, [x2], #64
1:  mov  x11, x1
    add  x12, x1, x3
    add  x13, x12, x3
    mov  x15, x5
    mov  x16, x8
    ld1  {v16.16b-v19.16b}, [x2], #64
    ld1  {v20.16b-v23.16b}, [x2], #64
    ld1  {v24.16b-v27.16b}, [x2], #64
    ld1  {v28.16b-v29.16b}, [x2], #32
    mov  x14, x2
    ldp  q30, q31, [x2, #64]
    add  x2, x2, #96
    cbnz x7, 3f
    PIXELS 0
    b    4f
3:
    PIXELS 1
4:  NEXT_BLOCK 8, 5f
    add  x5, x5, x16
    b    1b
5:
    RETURN_WITH_VECTORS
    .size ew_conv_3x3x3_row__sdot, . - ew_conv_3x3x3_row__sdot
    .section .note.GNU-stack, "", %progbits
