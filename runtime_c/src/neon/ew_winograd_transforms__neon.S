/* SPDX-License-Identifier: Apache-2.0 */
/* ew_winograd_transforms__neon.S: the transforms of ew_conv_winograd_s8__neon.c, eight channels at a time. */
    .altmacro

.macro FUNCTION name
    .section .text.\name, "ax", %progbits
    .balign 16
    .global \name
    .type \name, %function
\name:
.endm

/* A row of six values in v0 - v5 to B^T of it in v16, v20, v21, v23, v24, v5. v6: fours. */
.macro INPUT_ROW
    sub     v16.8h, v4.8h, v2.8h
    sub     v17.8h, v3.8h, v1.8h
    shl     v18.8h, v2.8h, #2
    shl     v19.8h, v1.8h, #2
    sub     v0.8h, v0.8h, v2.8h
    sub     v5.8h, v5.8h, v3.8h
    sub     v18.8h, v18.8h, v4.8h
    sub     v19.8h, v19.8h, v3.8h
    add     v22.8h, v17.8h, v17.8h
    mls     v5.8h, v17.8h, v6.8h
    add     v20.8h, v18.8h, v19.8h
    sub     v21.8h, v18.8h, v19.8h
    add     v23.8h, v16.8h, v22.8h
    sub     v24.8h, v16.8h, v22.8h
    mla     v16.8h, v0.8h, v6.8h
.endm

/* void ew_winograd_columns__neon(const int8_t *x, uint64_t x_row_bytes, uint64_t x_step, int16_t *columns,
 *                                uint64_t width):
 * B^T along `width` columns of six rows of x; columns [6][width][8]. */
    FUNCTION ew_winograd_columns__neon
    movi    v6.8h, #4
    lsl     x7, x4, #4
1:
    mov     x8, x0
    add     x0, x0, x2
    mov     x9, x3
    add     x3, x3, #16
    ld1     {v0.8b}, [x8], x1
    ld1     {v1.8b}, [x8], x1
    ld1     {v2.8b}, [x8], x1
    ld1     {v3.8b}, [x8], x1
    ld1     {v4.8b}, [x8], x1
    ld1     {v5.8b}, [x8]
    sxtl    v0.8h, v0.8b
    sxtl    v1.8h, v1.8b
    sxtl    v2.8h, v2.8b
    sxtl    v3.8h, v3.8b
    sxtl    v4.8h, v4.8b
    sxtl    v5.8h, v5.8b
    INPUT_ROW
    st1     {v16.8h}, [x9], x7
    st1     {v20.8h}, [x9], x7
    st1     {v21.8h}, [x9], x7
    st1     {v23.8h}, [x9], x7
    st1     {v24.8h}, [x9], x7
    st1     {v5.8h}, [x9]
    subs    x4, x4, #1
    b.ne    1b
    ret
    .size ew_winograd_columns__neon, . - ew_winograd_columns__neon

/* void ew_winograd_tile__neon(const int16_t *columns, uint64_t row_bytes, int16_t *v, uint64_t v_step_bytes):
 * B^T along the six rows of a tile, to 36 positions. */
    FUNCTION ew_winograd_tile__neon
    movi    v6.8h, #4
    mov     x4, #6
1:
    ldp     q4, q5, [x0, #64]
    ld1     {v0.8h, v1.8h, v2.8h, v3.8h}, [x0], x1
    INPUT_ROW
    st1     {v16.8h}, [x2], x3
    st1     {v20.8h}, [x2], x3
    st1     {v21.8h}, [x2], x3
    st1     {v23.8h}, [x2], x3
    st1     {v24.8h}, [x2], x3
    st1     {v5.8h}, [x2], x3
    subs    x4, x4, #1
    b.ne    1b
    ret
    .size ew_winograd_tile__neon, . - ew_winograd_tile__neon

/* G of three weights a, b, c to r0 - r5. v6, v7: sixes, twelves; b is lost. */
.macro _WEIGHTS a, b, c, r0, r1, r2, r3, r4, r5
    add     v0.8h, v\a\().8h, v\c\().8h
    shl     v1.8h, v\b\().8h, #2
    shl     v2.8h, v\c\().8h, #2
    shl     v0.8h, v0.8h, #2
    add     v2.8h, v2.8h, v\a\().8h
    add     v\b\().8h, v\b\().8h, v\b\().8h
    mul     v\r0\().8h, v\a\().8h, v6.8h
    mul     v\r5\().8h, v\c\().8h, v7.8h
    add     v\r1\().8h, v0.8h, v1.8h
    sub     v\r2\().8h, v0.8h, v1.8h
    add     v\r3\().8h, v2.8h, v\b\().8h
    sub     v\r4\().8h, v2.8h, v\b\().8h
.endm
.macro WEIGHT_COLUMN j, r
    ldr     d3, [x0, #(8 * \j)]
    ldr     d4, [x0, #(8 * \j + 24)]
    ldr     d5, [x0, #(8 * \j + 48)]
    sxtl    v3.8h, v3.8b
    sxtl    v4.8h, v4.8b
    sxtl    v5.8h, v5.8b
    _WEIGHTS 3, 4, 5, %(\r), %(\r + 1), %(\r + 2), %(\r + 3), %(\r + 4), %(\r + 5)
.endm

/* void ew_winograd_weights__neon(const int8_t *w, int16_t *u, uint64_t inputs): w [inputs][9][8] to u [36][inputs][8].
 * stack: 64 bytes */
    FUNCTION ew_winograd_weights__neon
    stp     d8, d9, [sp, #-64]!
    str     d10, [sp, #16]
    stp     d14, d15, [sp, #32]
    movi    v6.8h, #6
    movi    v7.8h, #12
    lsl     x3, x2, #4
1:
    mov     x4, x1
    add     x1, x1, #16
    WEIGHT_COLUMN 0, 14
    WEIGHT_COLUMN 1, 20
    WEIGHT_COLUMN 2, 26
    add     x0, x0, #72
    .irp i, 0, 1, 2, 3, 4, 5
    _WEIGHTS %(14 + \i), %(20 + \i), %(26 + \i), 3, 4, 5, 8, 9, 10
    st1     {v3.8h}, [x4], x3
    st1     {v4.8h}, [x4], x3
    st1     {v5.8h}, [x4], x3
    st1     {v8.8h}, [x4], x3
    st1     {v9.8h}, [x4], x3
    st1     {v10.8h}, [x4], x3
    .endr
    subs    x2, x2, #1
    b.ne    1b
    ldr     d10, [sp, #16]
    ldp     d14, d15, [sp, #32]
    ldp     d8, d9, [sp], #64
    ret
    .size ew_winograd_weights__neon, . - ew_winograd_weights__neon

/* A^T of six sums m0 - m5 to m0, m4, t, m1. v31: 4, 8, 2. */
.macro SUMS m0, m1, m2, m3, m4, m5, t
    add     \t\().4s, \m1\().4s, \m2\().4s
    sub     \m1\().4s, \m1\().4s, \m2\().4s
    add     \m2\().4s, \m3\().4s, \m4\().4s
    sub     \m3\().4s, \m3\().4s, \m4\().4s
    add     \m0\().4s, \m0\().4s, \t\().4s
    add     \m4\().4s, \m1\().4s, \m3\().4s
    mla     \t\().4s, \m2\().4s, v31.s[0]
    mla     \m1\().4s, \m3\().4s, v31.s[1]
    add     \m0\().4s, \m0\().4s, \m2\().4s
    add     \m4\().4s, \m4\().4s, \m3\().4s
    mla     \m1\().4s, \m5\().4s, v31.s[2]
.endm
/* Of eight outputs: to v0 v1, v16 v17, v20 v21, v2 v3. */
.macro SUMS_OF_EIGHT
    SUMS    v0, v2, v4, v6, v16, v18, v20
    SUMS    v1, v3, v5, v7, v17, v19, v21
.endm

/* Eight outputs as int16: v28, v29 half of mult, v30 shift, v27 zero point; v31 holds the inverse of 9. */
.macro SCALED a, b
    mul     \a\().4s, \a\().4s, v31.s[3]
    mul     \b\().4s, \b\().4s, v31.s[3]
    sqshl   \a\().4s, \a\().4s, v30.4s
    sqshl   \b\().4s, \b\().4s, v30.4s
    sqrdmulh \a\().4s, \a\().4s, v28.4s
    sqrdmulh \b\().4s, \b\().4s, v29.4s
    sqxtn   \a\().4h, \a\().4s
    sqxtn2  \a\().8h, \b\().4s
    sqadd   \a\().8h, \a\().8h, v27.8h
.endm
/* Two pixels, one above the other. */
.macro STORED a, b
    sqxtn   \a\().8b, \a\().8h
    sqxtn2  \a\().16b, \b\().8h
    smax    \a\().16b, \a\().16b, v26.16b
    smin    \a\().16b, \a\().16b, v25.16b
    st1     {\a\().d}[0], [x3], x4
    st1     {\a\().d}[1], [x3], x4
.endm

    .equ HALF, 192 /* bytes of a column that is half finished: six rows of eight sums */

/* void ew_winograd_finish__neon(const ew_winograd_scale_t *scale, const uint32_t *m, uint64_t m_step_bytes, int8_t *y,
 *                              uint64_t y_row_bytes, uint64_t pixel_bytes):
 * eight outputs of the sixteen pixels of a tile from their sums at 36 positions.
 * stack: 768 bytes */
    FUNCTION ew_winograd_finish__neon
    sub     sp, sp, #(4 * HALF)
    ldp     q28, q29, [x0, #32]
    ldp     q30, q31, [x0, #64]
    ldp     q27, q26, [x0, #96]
    ldr     q25, [x0, #128]
    .irp i, 0, 1, 2, 3, 4, 5
    ld1     {v0.4s, v1.4s}, [x1], x2
    ld1     {v2.4s, v3.4s}, [x1], x2
    ld1     {v4.4s, v5.4s}, [x1], x2
    ld1     {v6.4s, v7.4s}, [x1], x2
    ld1     {v16.4s, v17.4s}, [x1], x2
    ld1     {v18.4s, v19.4s}, [x1], x2
    .if \i == 1
    ldp     q22, q23, [x0]
    add     v2.4s, v2.4s, v22.4s
    add     v3.4s, v3.4s, v23.4s
    .endif
    SUMS_OF_EIGHT
    stp     q0, q1, [sp, #(32 * \i)]
    stp     q16, q17, [sp, #(32 * \i + HALF)]
    stp     q20, q21, [sp, #(32 * \i + 2 * HALF)]
    stp     q2, q3, [sp, #(32 * \i + 3 * HALF)]
    .endr
    sub     x5, x5, x4, lsl #2
    .irp j, 0, 1, 2, 3
    ldp     q0, q1, [sp, #(HALF * \j)]
    ldp     q2, q3, [sp, #(HALF * \j + 32)]
    ldp     q4, q5, [sp, #(HALF * \j + 64)]
    ldp     q6, q7, [sp, #(HALF * \j + 96)]
    ldp     q16, q17, [sp, #(HALF * \j + 128)]
    ldp     q18, q19, [sp, #(HALF * \j + 160)]
    SUMS_OF_EIGHT
    SCALED  v0, v1
    SCALED  v16, v17
    SCALED  v20, v21
    SCALED  v2, v3
    STORED  v0, v16
    STORED  v20, v2
    add     x3, x3, x5
    .endr
    add     sp, sp, #(4 * HALF)
    ret
    .size ew_winograd_finish__neon, . - ew_winograd_finish__neon

    .section .note.GNU-stack, "", %progbits
