/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_block__neon.S: rows of bytes times blocks of 16, 8 or 4 outputs (AArch64).
 *
 * A pair of neighbouring inputs is repeated over a vector, and a weight vector holds that pair of four outputs twice
 * over: the lower half of the next four inputs' first pair, the upper half of their second one. SMULL and SMLAL2 add
 * the two in int16 lanes, SADALP adds neighbouring lanes to the sums, one output each. Nothing is left to add at the
 * end, and inputs are read where they lie.
 * Bounds: the packing checks |w[i]| + |w[i + 2]| <= 255, and 255 * 128 < 2^15.
 *
 *   x1  rows         x6  weights of the block           x11  weights, from there on   x19 - x26  the rows of a block
 *   x2  outputs      x7  segments   x8  steps of eight in one, x9 bytes from one to the next, x14 bytes after the last
 *   x3  rows left    x15 bytes from segment to segment, x27 and x28 steps of four and of two, x16 and x17 their offsets
 *   x4, x5           bytes from row to row of x, of y   x10  flags    x12, x13  counters
 *   v0 - v15         sums, row by row                   v16 - v23  weights
 *   v24 - v27        inputs                             v28 - v31  products
 */
    .altmacro

    .equ IS_SHIFTED, 0
    .equ IS_CLAMPED, 1
    .equ IS_WIDE, 2

.macro _SMULL d, x, w
    smull   v\d\().8h, v\x\().8b, v\w\().8b
.endm
.macro _SMULL2 d, x, w
    smull2  v\d\().8h, v\x\().16b, v\w\().16b
.endm
.macro _SMLAL2 d, x, w
    smlal2  v\d\().8h, v\x\().16b, v\w\().16b
.endm
.macro _SADALP d, n
    sadalp  v\d\().4s, v\n\().8h
.endm

/* \quads * 4 outputs of one row: four inputs, of which v\x0 and v\x1 repeat the pairs. */
.macro FOUR_INPUTS quads, sum, x0, x1, w
    .irp q, 0, 1, 2, 3
    .if \q < \quads
    _SMULL  %(28 + \q), \x0, %(\w + \q)
    .endif
    .endr
    .irp q, 0, 1, 2, 3
    .if \q < \quads
    _SMLAL2 %(28 + \q), \x1, %(\w + \q)
    .endif
    .endr
    .irp q, 0, 1, 2, 3
    .if \q < \quads
    _SADALP %(\sum + \q), %(28 + \q)
    .endif
    .endr
.endm

/* Two inputs, repeated in v24. */
.macro TWO_INPUTS quads, sum
    .irp q, 0, 2
    .if \q < \quads
    _SMULL  %(28 + \q), 24, %(16 + \q / 2)
    .if \q + 1 < \quads
    _SMULL2 %(29 + \q), 24, %(16 + \q / 2)
    .endif
    .endif
    .endr
    .irp q, 0, 1, 2, 3
    .if \q < \quads
    _SADALP %(\sum + \q), %(28 + \q)
    .endif
    .endr
.endm

.macro _EIGHT quads, sum, at
    ld4r    {v24.8h, v25.8h, v26.8h, v27.8h}, [x\at], x9
    FOUR_INPUTS \quads, \sum, 24, 25, 16
    FOUR_INPUTS \quads, \sum, 26, 27, %(16 + \quads)
.endm
.macro _FOUR quads, sum, at
    ld2r    {v24.8h, v25.8h}, [x\at], x15
    FOUR_INPUTS \quads, \sum, 24, 25, 16
.endm
.macro _TWO quads, sum, at
    ld1r    {v24.8h}, [x\at], x15
    TWO_INPUTS \quads, \sum
.endm
.macro _ADVANCE at
    add     x\at, x\at, x14
.endm
.macro _NEXT_POINTER at, before
    add     x\at, x\before, x4
.endm

.macro POINTERS rows
    .irp r, 1, 2, 3, 4, 5, 6, 7
    .if \r < \rows
    _NEXT_POINTER %(19 + \r), %(18 + \r)
    .endif
    .endr
.endm

/* Bias of \quads vectors into the sums of one row. */
.macro _BIAS quads, a, b, c, d
    .if \quads == 4
    ld1     {v\a\().4s, v\b\().4s, v\c\().4s, v\d\().4s}, [x6]
    .elseif \quads == 2
    ld1     {v\a\().4s, v\b\().4s}, [x6]
    .else
    ld1     {v\a\().4s}, [x6]
    .endif
.endm

.macro _SHIFT d
    sqshl   v\d\().4s, v\d\().4s, v20.4s
.endm
.macro _SCALE d, mult
    sqrdmulh v\d\().4s, v\d\().4s, v\mult\().4s
.endm
.macro _NARROW_SATURATED a, b, c, d
    sqxtn   v\a\().4h, v\a\().4s
    sqxtn2  v\a\().8h, v\b\().4s
    sqxtn   v\c\().4h, v\c\().4s
    sqxtn2  v\c\().8h, v\d\().4s
.endm
.macro _NARROW a, b, c, d
    uzp1    v\a\().8h, v\a\().8h, v\b\().8h
    uzp1    v\c\().8h, v\c\().8h, v\d\().8h
.endm
.macro _TO_BYTES a, c
    sqadd   v\a\().8h, v\a\().8h, v20.8h
    sqadd   v\c\().8h, v\c\().8h, v20.8h
    sqxtn   v\a\().8b, v\a\().8h
    sqxtn2  v\a\().16b, v\c\().8h
.endm
.macro _CLAMP a
    smax    v\a\().16b, v\a\().16b, v20.16b
    smin    v\a\().16b, v\a\().16b, v21.16b
.endm
.macro _STORE rows, quads, a
    .if \quads == 4
    st1     {v\a\().16b}, [x2], x5
    .elseif \quads == 2
    st1     {v\a\().d}[0], [x2], x5
    .if \rows > 1
    st1     {v\a\().d}[1], [x2], x5
    .endif
    .else
    st1     {v\a\().s}[0], [x2], x5
    .if \rows > 1
    st1     {v\a\().s}[1], [x2], x5
    st1     {v\a\().s}[2], [x2], x5
    st1     {v\a\().s}[3], [x2], x5
    .endif
    .endif
.endm

/* A macro for each sum, each four sums. */
.macro EACH_SUM rows, quads, what
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    .if \i < \rows * \quads
    \what   \i
    .endif
    .endr
.endm
.macro EACH_FOUR rows, quads, what
    .irp i, 0, 4, 8, 12
    .if \i < \rows * \quads
    \what   \i, %(\i + 1), %(\i + 2), %(\i + 3)
    .endif
    .endr
.endm

/* From the sums to the outputs; x11 is at half of mult. */
.macro REQUANTIZE rows, quads
    tbz     x10, #IS_SHIFTED, 1f
    ldr     q20, [x0, #128]
    EACH_SUM \rows, \quads, _SHIFT
1:
    .if \quads == 4
    ld1     {v16.4s, v17.4s, v18.4s, v19.4s}, [x11]
    .elseif \quads == 2
    ld1     {v16.4s, v17.4s}, [x11]
    .else
    ld1     {v16.4s}, [x11]
    .endif
    ldr     q20, [x0, #80]
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    .if \i < \rows * \quads
    _SCALE  \i, %(16 + \i - \i / \quads * \quads)
    .endif
    .endr
    tbnz    x10, #IS_WIDE, 2f
    EACH_FOUR \rows, \quads, _NARROW
    b       3f
2:
    EACH_FOUR \rows, \quads, _NARROW_SATURATED
3:
    .irp i, 0, 4, 8, 12
    .if \i < \rows * \quads
    _TO_BYTES \i, %(\i + 2)
    .endif
    .endr
    tbz     x10, #IS_CLAMPED, 4f
    ldp     q20, q21, [x0, #96]
    .irp i, 0, 4, 8, 12
    .if \i < \rows * \quads
    _CLAMP  \i
    .endif
    .endr
4:
    .irp i, 0, 4, 8, 12
    .if \i < \rows * \quads
    _STORE  \rows, \quads, \i
    .endif
    .endr
.endm

.macro STEP_OF_EIGHT rows, quads
    .if \quads == 4
    ld1     {v16.16b, v17.16b, v18.16b, v19.16b}, [x11], #64
    ld1     {v20.16b, v21.16b, v22.16b, v23.16b}, [x11], #64
    .elseif \quads == 2
    ld1     {v16.16b, v17.16b, v18.16b, v19.16b}, [x11], #64
    .else
    ld1     {v16.16b, v17.16b}, [x11], #32
    .endif
    .irp r, 0, 1, 2, 3, 4, 5, 6, 7
    .if \r < \rows
    _EIGHT  \quads, %(\r * \quads), %(19 + \r)
    .endif
    .endr
.endm

/* 4 * \quads outputs of \rows rows; a single row takes two steps of eight at a time. */
.macro BLOCK rows, quads
    .irp r, 0, 1, 2, 3, 4, 5, 6, 7
    .if \r < \rows
    _BIAS   \quads, %(\r * \quads), %(\r * \quads + 1), %(\r * \quads + 2), %(\r * \quads + 3)
    .endif
    .endr
    add     x11, x6, #(16 * \quads)
    cbz     x8, 3f
    mov     x19, x1
    POINTERS \rows
    mov     x12, x7
1:
    mov     x13, x8
    .if \rows == 1
    subs    x13, x13, #2
    b.lo    9f
8:
    STEP_OF_EIGHT \rows, \quads
    STEP_OF_EIGHT \rows, \quads
    subs    x13, x13, #2
    b.hs    8b
9:
    tbz     x13, #0, 0f
    STEP_OF_EIGHT \rows, \quads
0:
    .else
2:
    STEP_OF_EIGHT \rows, \quads
    subs    x13, x13, #1
    b.ne    2b
    .endif
    subs    x12, x12, #1
    b.eq    3f
    .irp r, 0, 1, 2, 3, 4, 5, 6, 7
    .if \r < \rows
    _ADVANCE %(19 + \r)
    .endif
    .endr
    b       1b
3:
    cbz     x27, 5f
    add     x19, x1, x16
    POINTERS \rows
    mov     x12, x27
4:
    .if \quads == 4
    ld1     {v16.16b, v17.16b, v18.16b, v19.16b}, [x11], #64
    .elseif \quads == 2
    ld1     {v16.16b, v17.16b}, [x11], #32
    .else
    ld1     {v16.16b}, [x11], #16
    .endif
    .irp r, 0, 1, 2, 3, 4, 5, 6, 7
    .if \r < \rows
    _FOUR   \quads, %(\r * \quads), %(19 + \r)
    .endif
    .endr
    subs    x12, x12, #1
    b.ne    4b
5:
    cbz     x28, 7f
    add     x19, x1, x17
    POINTERS \rows
    mov     x12, x28
6:
    .if \quads == 4
    ld1     {v16.16b, v17.16b}, [x11], #32
    .elseif \quads == 2
    ld1     {v16.16b}, [x11], #16
    .else
    ld1     {v16.8b}, [x11], #8
    .endif
    .irp r, 0, 1, 2, 3, 4, 5, 6, 7
    .if \r < \rows
    _TWO    \quads, %(\r * \quads), %(19 + \r)
    .endif
    .endr
    subs    x12, x12, #1
    b.ne    6b
7:
    REQUANTIZE \rows, \quads
.endm

    .equ X_AND_ROWS, 144
    .equ BLOCKS_AND_LAST, 160
    .equ Y, 176

.macro FUNCTION name, quads, rows, log2_rows
    .section .text.\name, "ax", %progbits
    .balign 16
    .global \name
    .type \name, %function
\name:
    stp     x19, x20, [sp, #-192]!
    stp     x21, x22, [sp, #16]
    stp     x23, x24, [sp, #32]
    stp     x25, x26, [sp, #48]
    stp     x27, x28, [sp, #64]
    stp     d8, d9, [sp, #80]
    stp     d10, d11, [sp, #96]
    stp     d12, d13, [sp, #112]
    stp     d14, d15, [sp, #128]
    stp     x1, x3, [sp, #X_AND_ROWS]
    stp     x4, x5, [sp, #BLOCKS_AND_LAST]
    str     x2, [sp, #Y]
    ldp     x6, x4, [x0]
    ldp     x5, x7, [x0, #16]
    ldp     x8, x9, [x0, #32]
    ldp     x14, x15, [x0, #48]
    ldp     w27, w28, [x0, #64]
    ldp     w16, w17, [x0, #72]
    ldr     w10, [x0, #144]
10:
    subs    x3, x3, #\rows
    b.lo    12f
11:
    BLOCK   \rows, \quads
    add     x1, x1, x4, lsl #\log2_rows
    subs    x3, x3, #\rows
    b.hs    11b
12:
    adds    x3, x3, #\rows
    b.eq    14f
13:
    BLOCK   1, \quads
    add     x1, x1, x4
    subs    x3, x3, #1
    b.ne    13b
14:
    ldp     x12, x13, [sp, #BLOCKS_AND_LAST]
    subs    x12, x12, #1
    b.eq    15f
    ldr     x2, [sp, #Y]
    ldp     x1, x3, [sp, #X_AND_ROWS]
    add     x6, x11, #(16 * \quads)
    add     x2, x2, #(4 * \quads)
    cmp     x2, x13
    csel    x2, x2, x13, lo
    str     x12, [sp, #BLOCKS_AND_LAST]
    str     x2, [sp, #Y]
    b       10b
15:
    add     x0, x11, #(16 * \quads)
    ldp     x21, x22, [sp, #16]
    ldp     x23, x24, [sp, #32]
    ldp     x25, x26, [sp, #48]
    ldp     x27, x28, [sp, #64]
    ldp     d8, d9, [sp, #80]
    ldp     d10, d11, [sp, #96]
    ldp     d12, d13, [sp, #112]
    ldp     d14, d15, [sp, #128]
    ldp     x19, x20, [sp], #192
    ret
    .size \name, . - \name
.endm

/* const int8_t *ew_gemm_16__neon(const ew_gemm_block_t *g, const int8_t *x, int8_t *y, uint64_t rows, uint64_t blocks,
 *                               int8_t *last): see ew_gemm__neon.h.
 * stack: 192 bytes */
    FUNCTION ew_gemm_16__neon, 4, 4, 2
    FUNCTION ew_gemm_8__neon, 2, 8, 3
    FUNCTION ew_gemm_4__neon, 1, 8, 3

    .section .note.GNU-stack, "", %progbits
