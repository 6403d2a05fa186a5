/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_3x3_core__sdot.S: ew_depthwise_3x3_rows__sdot and its clamped twin;
 * ew_depthwise__sdot.h has the contract.
 *
 * Eight channels at a time. Their twelve vectors of weights stay in registers along the rows; the last eight channels
 * are moved back to end with the last one. 24 SDOT and about 26 other instructions for two pixels of both rows.
 *
 * v0-v7 four columns, v8-v11 sums (upper, lower), v12-v15 scaled sums, v16-v27 weights, v28-v29 half of mult,
 * v30-v31 limits.
 */

#include "advsimd/ew_assembly_a64.inc"
#include "sdot/ew_output__sdot.inc"

    .arch armv8.2-a+dotprod
    .text

/* Offsets in ew_depthwise_rows_t. */
    .equ UPPER, 16
    .equ UPPER_STEP, 32
    .equ CHANNELS, 48
    .equ ZERO, 64
    .equ LIMITS, 128

/* Upper and lower row of the pixel whose window has columns a, b, c; to v12 and v13 as int16. */
.macro SUMS a0, a1, b0, b1, c0, c1
    ld1  {v8.16b-v11.16b}, [x11]
    ld1  {v12.16b-v15.16b}, [x9]
    sdot v8.4s, v16.16b, v\a0\().16b
    sdot v9.4s, v17.16b, v\a1\().16b
    sdot v10.4s, v18.16b, v\a0\().16b
    sdot v11.4s, v19.16b, v\a1\().16b
    sdot v8.4s, v20.16b, v\b0\().16b
    sdot v9.4s, v21.16b, v\b1\().16b
    sdot v10.4s, v22.16b, v\b0\().16b
    sdot v11.4s, v23.16b, v\b1\().16b
    sdot v8.4s, v24.16b, v\c0\().16b
    sdot v9.4s, v25.16b, v\c1\().16b
    sdot v10.4s, v26.16b, v\c0\().16b
    sdot v11.4s, v27.16b, v\c1\().16b
    sqrdmlah v12.4s, v8.4s, v28.4s
    sqrdmlah v13.4s, v9.4s, v29.4s
    sqrdmlah v14.4s, v10.4s, v28.4s
    sqrdmlah v15.4s, v11.4s, v29.4s
    uzp1 v12.8h, v12.8h, v13.8h
    uzp1 v13.8h, v14.8h, v15.8h
.endm

.macro CLAMP upper, lower, clamped
  .if \clamped
    smax v\upper\().16b, v\upper\().16b, v30.16b
    smax v\lower\().16b, v\lower\().16b, v30.16b
    smin v\upper\().16b, v\upper\().16b, v31.16b
    smin v\lower\().16b, v\lower\().16b, v31.16b
  .endif
.endm

/* Two pixels; columns a and b are there, c and d come. The outputs pass through the registers of column a. */
.macro TWO a0, a1, b0, b1, c0, c1, d0, d1, clamped
    ld1  {v\c0\().16b, v\c1\().16b}, [x12], x7
    ld1  {v\d0\().16b, v\d1\().16b}, [x12], x7
    SUMS \a0, \a1, \b0, \b1, \c0, \c1
    sqxtn v\a0\().8b, v12.8h
    sqxtn v\a1\().8b, v13.8h
    SUMS \b0, \b1, \c0, \c1, \d0, \d1
    sqxtn2 v\a0\().16b, v12.8h
    sqxtn2 v\a1\().16b, v13.8h
    CLAMP \a0, \a1, \clamped
    st1  {v\a0\().8b}, [x13], x5
    st1  {v\a0\().d}[1], [x13], x5
    st1  {v\a1\().8b}, [x14], x6
    st1  {v\a1\().d}[1], [x14], x6
.endm

.macro ONE a0, a1, b0, b1, c0, c1, clamped
    ld1  {v\c0\().16b, v\c1\().16b}, [x12]
    SUMS \a0, \a1, \b0, \b1, \c0, \c1
    sqxtn v\a0\().8b, v12.8h
    sqxtn v\a1\().8b, v13.8h
    CLAMP \a0, \a1, \clamped
    str  d\a0, [x13]
    str  d\a1, [x14]
.endm

.macro ROWS name, clamped
    .global \name
    .type \name, %function
    .balign 16
\name:
    SAVE_VECTORS
    ldp  x1, x2, [x0]           /* x, w */
    ldp  x3, x4, [x0, #UPPER]
    ldp  x5, x6, [x0, #UPPER_STEP]
    ldp  x10, x8, [x0, #CHANNELS] /* and pixels */
    lsl  x7, x10, #2
    add  x9, x0, #ZERO
    ldp  q30, q31, [x0, #LIMITS]
1:  mov  x12, x1
    mov  x13, x3
    mov  x14, x4
    ld1  {v16.16b-v19.16b}, [x2], #64
    ld1  {v20.16b-v23.16b}, [x2], #64
    ld1  {v24.16b-v27.16b}, [x2], #64
    mov  x11, x2
    ldp  q28, q29, [x2, #64]
    add  x2, x2, #96
    ld1  {v0.16b, v1.16b}, [x12], x7
    ld1  {v2.16b, v3.16b}, [x12], x7
    subs x15, x8, #4
    b.lo 3f
2:  TWO  0, 1, 2, 3, 4, 5, 6, 7, \clamped
    subs x15, x15, #4
    TWO  4, 5, 6, 7, 0, 1, 2, 3, \clamped
    b.hs 2b
3:  tbz  x15, #1, 4f            /* x15 is 4 less than what is left */
    TWO  0, 1, 2, 3, 4, 5, 6, 7, \clamped
    tbz  x15, #0, 5f
    ONE  4, 5, 6, 7, 0, 1, \clamped
    b    5f
4:  tbz  x15, #0, 5f
    ONE  0, 1, 2, 3, 4, 5, \clamped
5:  NEXT_BLOCK 8, 6f
    add  x1, x1, x16, lsl #2
    add  x3, x3, x16
    add  x4, x4, x16
    b    1b
6:
    RETURN_WITH_VECTORS
    .size \name, . - \name
.endm

    ROWS ew_depthwise_3x3_rows__sdot, 0
    ROWS ew_depthwise_3x3_rows_clamped__sdot, 1
    .section .note.GNU-stack, "", %progbits
