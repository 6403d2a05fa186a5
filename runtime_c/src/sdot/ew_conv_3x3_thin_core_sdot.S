/* ew_conv_3x3_thin_row_sdot and its siblings: ew_conv_3x3_thin_s8__sdot.c has the contract.
 *
 * Eight outputs of two pixels at a time: both windows come out of one vector of each of three rows through TBL. The
 * weights stay in registers along the row; the last eight outputs are moved back to end with the last one.
 *
 * v0-v1 and v2-v3 windows of the two pixels, v4-v7 sums, v8-v11 rows and later scaled sums, v12-v15 where the bytes of
 * the windows are, v16-v29 weights, v30-v31 half of mult.
 */

    .arch armv8.2-a+dotprod
    .text

/* Offsets in ew_conv_thin_t. */
    .equ W, 16
    .equ Y, 32
    .equ PIXELS, 48
    .equ ZERO, 64
    .equ LIMITS, 128

.macro TAP window, lane, w0, w1
    sdot v4.4s, v\w0\().16b, v\window\().4b[\lane]
    sdot v5.4s, v\w1\().16b, v\window\().4b[\lane]
.endm

.macro TAP_OF_SECOND window, lane, w0, w1
    sdot v6.4s, v\w0\().16b, v\window\().4b[\lane]
    sdot v7.4s, v\w1\().16b, v\window\().4b[\lane]
.endm

/* Sixteen outputs in v8: eight of each pixel. */
.macro TWO_PIXELS is_short, clamped
    ld1  {v8.16b}, [x11], x4
    ld1  {v9.16b}, [x12], x4
    ld1  {v10.16b}, [x13], x4
    ld1  {v4.4s-v7.4s}, [x14]
    tbl  v0.16b, {v8.16b-v10.16b}, v12.16b
    tbl  v2.16b, {v8.16b-v10.16b}, v14.16b
  .ifeq \is_short
    tbl  v1.16b, {v8.16b-v10.16b}, v13.16b
    tbl  v3.16b, {v8.16b-v10.16b}, v15.16b
  .endif
    ld1  {v8.4s-v11.4s}, [x9]
    TAP  0, 0, 16, 17
    TAP_OF_SECOND 2, 0, 16, 17
    TAP  0, 1, 18, 19
    TAP_OF_SECOND 2, 1, 18, 19
    TAP  0, 2, 20, 21
    TAP_OF_SECOND 2, 2, 20, 21
  .ifeq \is_short
    TAP  0, 3, 22, 23
    TAP_OF_SECOND 2, 3, 22, 23
    TAP  1, 0, 24, 25
    TAP_OF_SECOND 3, 0, 24, 25
    TAP  1, 1, 26, 27
    TAP_OF_SECOND 3, 1, 26, 27
    TAP  1, 2, 28, 29
    TAP_OF_SECOND 3, 2, 28, 29
  .endif
    sqrdmlah v8.4s, v4.4s, v30.4s
    sqrdmlah v9.4s, v5.4s, v31.4s
    sqrdmlah v10.4s, v6.4s, v30.4s
    sqrdmlah v11.4s, v7.4s, v31.4s
    uzp1 v8.8h, v8.8h, v9.8h
    uzp1 v10.8h, v10.8h, v11.8h
    sqxtn v8.8b, v8.8h
    sqxtn2 v8.16b, v10.8h
  .if \clamped
    ldp  q9, q10, [x9, #LIMITS - ZERO]
    smax v8.16b, v8.16b, v9.16b
    smin v8.16b, v8.16b, v10.16b
  .endif
.endm

.macro STORE_TWO
    st1  {v8.8b}, [x15], x6
    st1  {v8.d}[1], [x15], x6
.endm

.macro ROW name, is_short, clamped
    .global \name
    .type \name, %function
    .balign 16
\name:
    stp  d8, d9, [sp, #-64]!
    stp  d10, d11, [sp, #16]
    stp  d12, d13, [sp, #32]
    stp  d14, d15, [sp, #48]
    ldp  x1, x3, [x0]           /* x, x_row_bytes */
    ldp  x2, x4, [x0, #W]       /* and x_step */
    ldp  x5, x6, [x0, #Y]       /* and out_c */
    ldr  x8, [x0, #PIXELS]
    mov  x10, x6
    add  x9, x0, #ZERO
    ld1  {v12.16b-v15.16b}, [x2], #64
1:  mov  x11, x1
    add  x12, x1, x3
    add  x13, x12, x3
    mov  x15, x5
    ld1  {v16.16b-v19.16b}, [x2], #64
    ld1  {v20.16b-v21.16b}, [x2], #32
  .ifeq \is_short
    ld1  {v22.16b-v25.16b}, [x2], #64
    ld1  {v26.16b-v29.16b}, [x2], #64
  .endif
    mov  x14, x2
    ldp  q30, q31, [x2, #64]
    add  x2, x2, #96
    subs x16, x8, #4
    b.lo 3f
2:  TWO_PIXELS \is_short, \clamped
    STORE_TWO
    subs x16, x16, #4
    TWO_PIXELS \is_short, \clamped
    STORE_TWO
    b.hs 2b
3:  tbz  x16, #1, 4f            /* x16 is 4 less than what is left */
    TWO_PIXELS \is_short, \clamped
    STORE_TWO
4:  tbz  x16, #0, 5f
    TWO_PIXELS \is_short, \clamped
    str  d8, [x15]
5:  subs x10, x10, #8
    b.ls 6f
    mov  x16, #8
    cmp  x10, #8
    csel x16, x10, x16, lo
    add  x5, x5, x16
    b    1b
6:  ldp  d10, d11, [sp, #16]
    ldp  d12, d13, [sp, #32]
    ldp  d14, d15, [sp, #48]
    ldp  d8, d9, [sp], #64
    ret
    .size \name, . - \name
.endm

    ROW  ew_conv_3x3_thin_row_sdot, 0, 0
    ROW  ew_conv_3x3_thin_row_clamped_sdot, 0, 1
    ROW  ew_conv_3x3_thin_short_row_sdot, 1, 0
    ROW  ew_conv_3x3_thin_short_row_clamped_sdot, 1, 1
    .section .note.GNU-stack, "", %progbits
