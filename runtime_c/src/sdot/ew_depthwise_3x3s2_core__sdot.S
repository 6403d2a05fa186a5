/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_3x3s2_core__sdot.S: ew_depthwise_3x3s2_row__sdot and its clamped twin;
 * ew_depthwise__sdot.h has the contract.
 *
 * Sixteen channels at a time. Their twelve vectors of weights stay in registers along the row; the last sixteen
 * channels are moved back to end with the last one. 12 SDOT and about 14 other instructions for one pixel.
 *
 * v0-v11 three columns, v12-v15 sums, v16-v27 weights, v28-v31 half of mult. The scaled sums and the limits pass
 * through the registers of columns that have been used.
 */

#include "advsimd/ew_assembly_a64.inc"
#include "sdot/ew_output__sdot.inc"

    .arch armv8.2-a+dotprod
    .text

/* Offsets in ew_depthwise_rows_t. */
    .equ UPPER, 16
    .equ CHANNELS, 48
    .equ ZERO, 64
    .equ LIMITS, 128

/* One pixel; column a is there, b and c come. b lies in v4-v7. */
.macro PIXEL a0, a1, a2, a3, c0, c1, c2, c3, clamped
    ld1  {v4.16b-v7.16b}, [x12], x7
    ld1  {v\c0\().16b-v\c3\().16b}, [x12], x7
    ld1  {v12.16b-v15.16b}, [x11]
    sdot v12.4s, v16.16b, v\a0\().16b
    sdot v13.4s, v17.16b, v\a1\().16b
    sdot v14.4s, v18.16b, v\a2\().16b
    sdot v15.4s, v19.16b, v\a3\().16b
    sdot v12.4s, v20.16b, v4.16b
    sdot v13.4s, v21.16b, v5.16b
    sdot v14.4s, v22.16b, v6.16b
    sdot v15.4s, v23.16b, v7.16b
    ld1  {v4.16b-v7.16b}, [x9]
    sdot v12.4s, v24.16b, v\c0\().16b
    sdot v13.4s, v25.16b, v\c1\().16b
    sdot v14.4s, v26.16b, v\c2\().16b
    sdot v15.4s, v27.16b, v\c3\().16b
    NARROW_SIXTEEN 4, 5, 6, 7, 12, 13, 14, 15, 28, 29, 30, 31
  .if \clamped
    CLAMP_SIXTEEN 4, 5, 6, LIMITS - ZERO
  .endif
    st1  {v4.16b}, [x13], x5
.endm

.macro ROW name, clamped
    .global \name
    .type \name, %function
    .balign 16
\name:
    SAVE_VECTORS
    ldp  x1, x2, [x0]           /* x, w */
    ldr  x3, [x0, #UPPER]
    ldp  x5, x8, [x0, #CHANNELS] /* and pixels */
    mov  x10, x5
    lsl  x7, x5, #2
    add  x9, x0, #ZERO
1:  mov  x12, x1
    mov  x13, x3
    ld1  {v16.16b-v19.16b}, [x2], #64
    ld1  {v20.16b-v23.16b}, [x2], #64
    ld1  {v24.16b-v27.16b}, [x2], #64
    mov  x11, x2
    add  x2, x2, #64
    ld1  {v28.16b-v31.16b}, [x2], #64
    ld1  {v0.16b-v3.16b}, [x12], x7
    subs x15, x8, #2
    b.lo 3f
2:  PIXEL 0, 1, 2, 3, 8, 9, 10, 11, \clamped
    subs x15, x15, #2
    PIXEL 8, 9, 10, 11, 0, 1, 2, 3, \clamped
    b.hs 2b
3:  tbz  x15, #0, 4f            /* x15 is 2 less than what is left */
    PIXEL 0, 1, 2, 3, 8, 9, 10, 11, \clamped
4:  NEXT_BLOCK 16, 5f
    add  x1, x1, x16, lsl #2
    add  x3, x3, x16
    b    1b
5:
    RETURN_WITH_VECTORS
    .size \name, . - \name
.endm

    ROW  ew_depthwise_3x3s2_row__sdot, 0
    ROW  ew_depthwise_3x3s2_row_clamped__sdot, 1
    .section .note.GNU-stack, "", %progbits
