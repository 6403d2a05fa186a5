/* SPDX-License-Identifier: Apache-2.0 */
/* ew_dw5x5_planes__dsp.S: 5x5 depthwise convolution of stride 1 over planes of row pairs with 8 slots.
 *
 * void ew_dw5x5_8__dsp(const ew_dw_band__dsp_t *s)
 *   Computes s->count output channels of a band; two output columns or more.
 *
 * The planes are those of ew_dw3x3_planes__dsp.S. With rows a b | c d | e f in three words, the output rows are, for
 * each kernel column,
 *   upper: a w0 + b w1 + c w2 + d w3 + e w4     lower: b w0 + c w1 + d w2 + e w3 + f w4.
 * Record of a channel: for each kernel column the bytes (w0, w2, w1, w3) and (w1, w3, w2, w4), of which SXTB16 makes
 * (w0, w1), (w2, w3) and (w1, w2), (w3, w4); bias; mult. The widened weights of a channel stand on the stack. A last
 * odd column is computed together with the one before it, which is then computed twice.
 * Bounds: |sum| <= 25 * 128 * 127 + |bias|; packing proves the sum inside int32.
 *
 * Registers: r0 plane column, r1 output, r2 r3 upper and lower sum of a column, r4 r5 of the next, r6-r9 weights,
 * r10-r12 plane words, lr weights. Stack slots: what it works with, and the fields of ew_dw_band__dsp_t: */
#define SLOT_BIAS      0  /* four times, for LDM */
#define SLOT_FIELDS    16
#define SLOT_MULT      16 /* with the zero point behind it for LDRD */
#define SLOT_ROW       24 /* with the pixel step behind it for LDRD */
#define SLOT_PX        28
#define SLOT_W         32
#define SLOT_PLANE     36 /* with the output behind it for LDRD */
#define SLOT_COUNT     44 /* with the plane step behind it for LDRD */
#define SLOT_PAIRS     52 /* bytes of plane columns under whole pairs of output columns */
#define SLOT_ODD       56
#define SLOT_FULL      60 /* bytes of a plane column under the steps with two output rows */
#define SLOT_ADVANCE   68 /* from the end of a column to the next, and the same in the output, for LDRD */
#define SLOT_PAIRS_END 76
#define SLOT_STEP_END  80
#define SLOT_AFTER     84 /* where to go after the full steps of a pair of columns */
#define SLOT_ODD_NOW   88
#define SLOT_WEIGHTS   92 /* 5 columns of 4 words */
#define FRAME_BYTES    172
#define COLUMN         128 /* bytes of a plane column: 4 channels of 8 slots */

#include "ew_assembly__dsp.inc"
    .section .text.ew_dw5x5_8__dsp, "ax", %progbits

    .macro REQUANTIZE acc
    smmlar  \acc, \acc, r6, r7
    ssat    \acc, #8, \acc
    .endm

/* One kernel column of one output column. */
    .macro TAPS upper, lower
    smlad   \upper, r10, r6, \upper
    smlatb  \lower, r10, r6, \lower
    smlad   \upper, r11, r7, \upper
    smlad   \lower, r11, r8, \lower
    smlabt  \upper, r12, r9, \upper
    smlad   \lower, r12, r9, \lower
    .endm

    .macro TAPS_UPPER upper
    smlad   \upper, r10, r6, \upper
    smlad   \upper, r11, r7, \upper
    smlabt  \upper, r12, r9, \upper
    .endm

/* Plane column j, after r0 has gone on to the next step. */
    .macro LOAD_COLUMN j
    LOAD_TWO r10, r11, r0, (\j * COLUMN - 4)
    ldr     r12, [r0, #(\j * COLUMN + 4)]
    .endm

    .macro FIRST_COLUMN
    ldm     sp, {r2-r5}
    add     lr, sp, #SLOT_WEIGHTS
    ldm     lr!, {r6-r9}
    LOAD_TWO_STEP r10, r11, r0, 4
    ldr     r12, [r0, #4]
    .endm

    FUNCTION ew_dw5x5_8__dsp /* stack: 208 bytes */
    push    {r4-r11, lr}
    sub     sp, #FRAME_BYTES
    add     r12, sp, #SLOT_FIELDS
    ldm     r0!, {r1-r6}
    stm     r12!, {r1-r6}
    ldm     r0, {r1-r9}
    stm     r12, {r1-r9}
    CODE_ADDRESS r0, .Lupper
    cmp     r7, #0 /* a step with only the upper row? */
    bne     1f
    CODE_ADDRESS r0, .Lacross
1:  adds    r0, #CODE_STATE
    str     r0, [sp, #SLOT_AFTER]
.Lchannel:
    ldr     r12, [sp, #SLOT_W]
    add     lr, sp, #SLOT_WEIGHTS
    .rept   5
    LOAD_TWO_NEXT r6, r7, r12
    sxtb16  r2, r6
    sxtb16  r3, r6, ror #8
    sxtb16  r4, r7
    sxtb16  r5, r7, ror #8
    stm     lr!, {r2-r5}
    .endr
    ldm     r12!, {r2, r6}
    str     r12, [sp, #SLOT_W]
    mov     r3, r2
    mov     r4, r2
    mov     r5, r2
    stm     sp, {r2-r5}
    str     r6, [sp, #SLOT_MULT]
    LOAD_TWO r0, r1, sp, SLOT_PLANE
    LOAD_TWO r8, r9, sp, SLOT_PAIRS
    add     r8, r0
    str     r8, [sp, #SLOT_PAIRS_END]
    str     r9, [sp, #SLOT_ODD_NOW]
.Lpair:
    ldr     r12, [sp, #SLOT_FULL]
    add     r12, r0
    cmp     r0, r12
    beq     .Ldown
    str     r12, [sp, #SLOT_STEP_END]
.Lstep: /* 100 multiply-accumulates */
    FIRST_COLUMN
    TAPS    r2, r3
    LOAD_COLUMN 1
    TAPS    r4, r5
    .irp    j, 1, 2, 3, 4
    ldm     lr!, {r6-r9}
    TAPS    r2, r3
    LOAD_COLUMN (\j + 1)
    TAPS    r4, r5
    .endr
    LOAD_TWO r6, r7, sp, SLOT_MULT
    REQUANTIZE r2
    REQUANTIZE r3
    REQUANTIZE r4
    REQUANTIZE r5
    LOAD_TWO r6, r7, sp, SLOT_ROW
    strb    r2, [r1]
    strb    r4, [r1, r7]
    add     r1, r6
    strb    r3, [r1]
    strb    r5, [r1, r7]
    add     r1, r6
    ldr     r12, [sp, #SLOT_STEP_END]
    cmp     r0, r12
    bne     .Lstep
.Ldown:
    ldr     pc, [sp, #SLOT_AFTER]
    .balign 4
.Lupper:
    FIRST_COLUMN
    TAPS_UPPER r2
    LOAD_COLUMN 1
    TAPS_UPPER r4
    .irp    j, 1, 2, 3, 4
    ldm     lr!, {r6-r9}
    TAPS_UPPER r2
    LOAD_COLUMN (\j + 1)
    TAPS_UPPER r4
    .endr
    LOAD_TWO r6, r7, sp, SLOT_MULT
    REQUANTIZE r2
    REQUANTIZE r4
    ldr     r7, [sp, #SLOT_PX]
    strb    r2, [r1]
    strb    r4, [r1, r7]
    .balign 4
.Lacross:
    LOAD_TWO r8, r9, sp, SLOT_ADVANCE
    ldr     r12, [sp, #SLOT_PAIRS_END]
    add     r0, r8
    add     r1, r9
    cmp     r0, r12
    bne     .Lpair
    ldr     r12, [sp, #SLOT_ODD_NOW]
    cmp     r12, #0
    beq     .Lnext
    ldr     r8, [sp, #SLOT_PX]
    mov     r12, #0
    str     r12, [sp, #SLOT_ODD_NOW]
    sub     r0, #COLUMN
    sub     r1, r8
    add     r12, r0, #(2 * COLUMN)
    str     r12, [sp, #SLOT_PAIRS_END]
    BRANCH_WIDE .Lpair
.Lnext:
    LOAD_TWO r0, r1, sp, SLOT_PLANE
    LOAD_TWO r2, r3, sp, SLOT_COUNT
    adds    r1, #1
    add     r0, r3
    subs    r2, #1
    STORE_TWO r0, r1, sp, SLOT_PLANE
    str     r2, [sp, #SLOT_COUNT]
    bne     .Lchannel
    add     sp, #FRAME_BYTES
    pop     {r4-r11, pc}
    .size   ew_dw5x5_8__dsp, . - ew_dw5x5_8__dsp
