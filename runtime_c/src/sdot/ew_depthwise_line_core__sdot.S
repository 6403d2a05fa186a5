/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_line_core__sdot.S: ew_depthwise_line__sdot and its clamped twin;
 * ew_depthwise_line_s8__sdot.c has the contract.
 *
 * Sixteen channels of four neighbouring outputs at a time: per four positions 16 SDOT, one load of inputs and four of
 * weights. The last sixteen channels are moved back to end with the last one.
 *
 * v0-v3 inputs, later scaled sums, v4-v11 weights, v12-v15 half of mult, v16-v31 sums, four vectors for each output.
 */

#include "advsimd/ew_assembly_a64.inc"
#include "sdot/ew_output__sdot.inc"

    .arch armv8.2-a+dotprod
    .text

/* Offsets in ew_depthwise_line_t. */
    .equ Y, 16
    .equ OUTPUTS, 32
    .equ ZERO, 48
    .equ LIMITS, 112

.macro OUTPUT w0, w1, w2, w3, s0, s1, s2, s3
    ld1  {v\w0\().16b-v\w3\().16b}, [x17], #64
    sdot v\s0\().4s, v\w0\().16b, v0.16b
    sdot v\s1\().4s, v\w1\().16b, v1.16b
    sdot v\s2\().4s, v\w2\().16b, v2.16b
    sdot v\s3\().4s, v\w3\().16b, v3.16b
.endm

/* On to `end` behind the last output. */
.macro FINISH s0, s1, s2, s3, clamped, end
    ld1  {v0.4s-v3.4s}, [x9]
    NARROW_SIXTEEN 0, 1, 2, 3, \s0, \s1, \s2, \s3, 12, 13, 14, 15
  .if \clamped
    CLAMP_SIXTEEN 0, 4, 5, LIMITS - ZERO
  .endif
    st1  {v0.16b}, [x14], x4
    subs x15, x15, #1
    b.eq \end
.endm

.macro LINE name, clamped
    .global \name
    .type \name, %function
    .balign 16
\name:
    SAVE_VECTORS
    ldp  x1, x2, [x0]           /* x, w */
    ldp  x3, x4, [x0, #Y]       /* and channels */
    ldp  x5, x6, [x0, #OUTPUTS] /* and fours */
    lsl  x7, x4, #2
    add  x9, x0, #ZERO
    mov  x10, x4
1:  mov  x11, x2
    add  x12, x2, #64
    add  x2, x12, x6, lsl #8
    ld1  {v12.4s-v15.4s}, [x2], #64
    mov  x13, x1
    mov  x14, x3
    mov  x15, x5
2:  ld1  {v16.4s-v19.4s}, [x11]
    ld1  {v20.4s-v23.4s}, [x11]
    ld1  {v24.4s-v27.4s}, [x11]
    ld1  {v28.4s-v31.4s}, [x11]
    mov  x16, x13
    mov  x17, x12
    mov  x8, x6
3:  ld1  {v0.16b-v3.16b}, [x16], x7
    subs x8, x8, #1
    OUTPUT 4, 5, 6, 7, 16, 17, 18, 19
    OUTPUT 8, 9, 10, 11, 20, 21, 22, 23
    OUTPUT 4, 5, 6, 7, 24, 25, 26, 27
    OUTPUT 8, 9, 10, 11, 28, 29, 30, 31
    b.ne 3b
    add  x13, x13, x7
    FINISH 16, 17, 18, 19, \clamped, 4f
    FINISH 20, 21, 22, 23, \clamped, 4f
    FINISH 24, 25, 26, 27, \clamped, 4f
    FINISH 28, 29, 30, 31, \clamped, 4f
    b    2b
4:  NEXT_BLOCK 16, 5f
    add  x1, x1, x16, lsl #2
    add  x3, x3, x16
    b    1b
5:
    RETURN_WITH_VECTORS
    .size \name, . - \name
.endm

    LINE ew_depthwise_line__sdot, 0
    LINE ew_depthwise_line_clamped__sdot, 1
    .section .note.GNU-stack, "", %progbits
