/* SPDX-License-Identifier: Apache-2.0 */
/* ew_dw3x3_planes__dsp.S: 3x3 depthwise convolution of stride 1 over planes of row pairs, and how planes are made.
 *
 * void ew_dw3x3_8__dsp(const ew_dw_band__dsp_t *s), ew_dw3x3_16__dsp: planes with 8 or 16 slots
 *   Compute s->count output channels of a band.
 * void ew_dw_widen_8__dsp(const ew_dw_widen__dsp_t *s), ew_dw_widen_16__dsp
 *   Make s->count times two plane words of each column and of four channels, each time from four input rows.
 *
 * Planes: [column][4 channels][slots] words; word t of a column holds row 2t of the padded input (low half) and row
 * 2t + 1 (high half). With rows a b | c d in two words, the output rows are, for each kernel column,
 *   upper: a w0 + b w1 + c w2     lower: b w0 + c w1 + d w2.
 * Record of a channel: for each kernel column the bytes (w0, w1, w1, w2), of which SXTB16 makes A = (w0, w1) and
 * B = (w1, w2); bias; mult. Two output columns at a time, so that each plane word is loaded once for both, down the
 * whole band, so that the weights stay in registers.
 * Bounds: |sum| <= 9 * 128 * 127 + |bias|; packing proves the sum inside int32. */
/* Stack slots of ew_dw3x3: what it works with, and the fields of ew_dw_band__dsp_t. */
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
#define SLOT_HALF      64 /* 1 when there is one more step, with only the upper row */
#define SLOT_ADVANCE   68 /* from the end of a column to the next, and the same in the output, for LDRD */
#define SLOT_PAIRS_END 76
#define SLOT_STEP_END  80
#define SLOT_AFTER     84 /* where to go after the full steps of a pair of columns, and of a single one, for LDRD */
#define SLOT_AFTER_ODD 88
#define FRAME_BYTES    96

#include "ew_assembly__dsp.inc"

    .macro REQUANTIZE acc
    smmlar  \acc, \acc, r12, lr
    ssat    \acc, #8, \acc
    .endm

/* One kernel column of one output column; r12 and lr hold the upper and the lower word of the plane column. */
    .macro TAPS a, b, upper, lower
    smlad   \upper, r12, \a, \upper
    smlad   \lower, lr, \b, \lower
    smlabt  \upper, lr, \b, \upper
    smlatb  \lower, r12, \a, \lower
    .endm

/* The same for the upper row only. */
    .macro TAPS_UPPER a, b, upper
    smlad   \upper, r12, \a, \upper
    smlabt  \upper, lr, \b, \upper
    .endm

/* One step of two output columns: 36 multiply-accumulates. */
    .macro STEP_PAIR column
    ldm     sp, {r8-r11}
    LOAD_TWO_STEP r12, lr, r0, 4
    TAPS    r2, r3, r8, r9
    LOAD_TWO r12, lr, r0, (\column - 4)
    TAPS    r4, r5, r8, r9
    TAPS    r2, r3, r10, r11
    LOAD_TWO r12, lr, r0, (2 * \column - 4)
    TAPS    r6, r7, r8, r9
    TAPS    r4, r5, r10, r11
    LOAD_TWO r12, lr, r0, (3 * \column - 4)
    TAPS    r6, r7, r10, r11
    LOAD_TWO r12, lr, sp, SLOT_MULT
    REQUANTIZE r8
    REQUANTIZE r9
    REQUANTIZE r10
    REQUANTIZE r11
    LOAD_TWO r12, lr, sp, SLOT_ROW
    strb    r8, [r1]
    strb    r10, [r1, lr]
    add     r1, r12
    strb    r9, [r1]
    strb    r11, [r1, lr]
    add     r1, r12
    .endm

    .macro STEP_PAIR_UPPER column
    LOAD_TWO r8, r9, sp, SLOT_BIAS
    LOAD_TWO_STEP r12, lr, r0, 4
    TAPS_UPPER r2, r3, r8
    LOAD_TWO r12, lr, r0, (\column - 4)
    TAPS_UPPER r4, r5, r8
    TAPS_UPPER r2, r3, r9
    LOAD_TWO r12, lr, r0, (2 * \column - 4)
    TAPS_UPPER r6, r7, r8
    TAPS_UPPER r4, r5, r9
    LOAD_TWO r12, lr, r0, (3 * \column - 4)
    TAPS_UPPER r6, r7, r9
    LOAD_TWO r12, lr, sp, SLOT_MULT
    REQUANTIZE r8
    REQUANTIZE r9
    ldr     lr, [sp, #SLOT_PX]
    strb    r8, [r1]
    strb    r9, [r1, lr]
    .endm

    .macro STEP_ODD column
    LOAD_TWO r8, r9, sp, SLOT_BIAS
    LOAD_TWO_STEP r12, lr, r0, 4
    TAPS    r2, r3, r8, r9
    LOAD_TWO r12, lr, r0, (\column - 4)
    TAPS    r4, r5, r8, r9
    LOAD_TWO r12, lr, r0, (2 * \column - 4)
    TAPS    r6, r7, r8, r9
    LOAD_TWO r12, lr, sp, SLOT_MULT
    REQUANTIZE r8
    REQUANTIZE r9
    ldr     r12, [sp, #SLOT_ROW]
    strb    r8, [r1]
    strb    r9, [r1, r12]
    add     r1, r1, r12, lsl #1
    .endm

    .macro STEP_ODD_UPPER column
    ldr     r8, [sp, #SLOT_BIAS]
    LOAD_TWO_STEP r12, lr, r0, 4
    TAPS_UPPER r2, r3, r8
    LOAD_TWO r12, lr, r0, (\column - 4)
    TAPS_UPPER r4, r5, r8
    LOAD_TWO r12, lr, r0, (2 * \column - 4)
    TAPS_UPPER r6, r7, r8
    LOAD_TWO r12, lr, sp, SLOT_MULT
    REQUANTIZE r8
    strb    r8, [r1]
    .endm

/* The steps with two output rows, then on to where \after says; r0 plane column, r1 output. */
    .macro DOWN step, column, after
    ldr     r12, [sp, #SLOT_FULL]
    add     r12, r0
    cmp     r0, r12
    beq     2f
    str     r12, [sp, #SLOT_STEP_END]
1:  \step   \column
    ldr     r12, [sp, #SLOT_STEP_END]
    cmp     r0, r12
    bne     1b
2:  ldr     pc, [sp, #\after]
    .endm

    .macro PLANES slots, planes, widen
    FUNCTION \planes /* stack: 132 bytes */
    push    {r4-r11, lr}
    sub     sp, #FRAME_BYTES
    add     r12, sp, #SLOT_FIELDS
    ldm     r0!, {r1-r6}
    stm     r12!, {r1-r6}
    ldm     r0, {r1-r9}
    stm     r12, {r1-r9}
    CODE_ADDRESS r0, .Lupper_\slots
    CODE_ADDRESS r1, .Lupper_odd_\slots
    cmp     r7, #0 /* a step with only the upper row? */
    bne     1f
    CODE_ADDRESS r0, .Lacross_\slots
    CODE_ADDRESS r1, .Lnext_\slots
1:  adds    r0, #CODE_STATE
    adds    r1, #CODE_STATE
    STORE_TWO r0, r1, sp, SLOT_AFTER
.Lchannel_\slots:
    ldr     r12, [sp, #SLOT_W]
    ldm     r12!, {r2, r4, r6, r8, r9}
    str     r12, [sp, #SLOT_W]
    mov     r10, r8
    STORE_TWO r8, r10, sp, SLOT_BIAS
    STORE_TWO r8, r10, sp, (SLOT_BIAS + 8)
    str     r9, [sp, #SLOT_MULT]
    sxtb16  r3, r2, ror #8
    sxtb16  r2, r2
    sxtb16  r5, r4, ror #8
    sxtb16  r4, r4
    sxtb16  r7, r6, ror #8
    sxtb16  r6, r6
    LOAD_TWO r0, r1, sp, SLOT_PLANE
    ldr     r12, [sp, #SLOT_PAIRS]
    cmp     r12, #0
    beq     .Lodd_\slots
    add     r12, r0
    str     r12, [sp, #SLOT_PAIRS_END]
.Lpair_\slots:
    DOWN    STEP_PAIR, 16 * \slots, SLOT_AFTER
    .balign 4
.Lupper_\slots:
    STEP_PAIR_UPPER 16 * \slots
    .balign 4
.Lacross_\slots:
    LOAD_TWO r8, r9, sp, SLOT_ADVANCE
    ldr     r12, [sp, #SLOT_PAIRS_END]
    add     r0, r8
    add     r1, r9
    cmp     r0, r12
    bne     .Lpair_\slots
.Lodd_\slots:
    ldr     r12, [sp, #SLOT_ODD]
    cmp     r12, #0
    beq     .Lnext_\slots
    DOWN    STEP_ODD, 16 * \slots, SLOT_AFTER_ODD
    .balign 4
.Lupper_odd_\slots:
    STEP_ODD_UPPER 16 * \slots
    .balign 4
.Lnext_\slots:
    LOAD_TWO r0, r1, sp, SLOT_PLANE
    LOAD_TWO r2, r3, sp, SLOT_COUNT
    adds    r1, #1
    add     r0, r3
    subs    r2, #1
    STORE_TWO r0, r1, sp, SLOT_PLANE
    str     r2, [sp, #SLOT_COUNT]
    bne     .Lchannel_\slots
    add     sp, #FRAME_BYTES
    pop     {r4-r11, pc}
    .size   \planes, . - \planes

    /* Registers: r0-r3 rows, r4 offset in them, r5 bytes of a pixel, r6 plane column, r7 columns left. Stack slots:
     * plane, columns, bytes of four rows, times left. */
    FUNCTION \widen /* stack: 52 bytes */
    push    {r4-r11, lr}
    ldm     r0, {r0-r3, r5-r9}
    push    {r6-r9}
1:  movs    r4, #0
2:  ldr     r8, [r0, r4]
    ldr     r9, [r1, r4]
    ldr     r10, [r2, r4]
    ldr     r11, [r3, r4]
    add     r4, r5
    pkhbt   r12, r8, r9, lsl #16 /* channels 0 and 1 of the first two rows */
    pkhtb   r9, r9, r8, asr #16  /* channels 2 and 3 */
    pkhbt   r8, r10, r11, lsl #16
    pkhtb   r11, r11, r10, asr #16
    sxtb16  r10, r12
    sxtb16  lr, r8
    STORE_TWO_STEP r10, lr, r6, (16 * \slots)
    sxtb16  r12, r12, ror #8
    sxtb16  r8, r8, ror #8
    STORE_TWO r12, r8, r6, (4 * \slots - 16 * \slots)
    sxtb16  r10, r9
    sxtb16  lr, r11
    STORE_TWO r10, lr, r6, (8 * \slots - 16 * \slots)
    sxtb16  r9, r9, ror #8
    sxtb16  r11, r11, ror #8
    STORE_TWO r9, r11, r6, (12 * \slots - 16 * \slots)
    subs    r7, #1
    bne     2b
    ldm     sp, {r6-r9}
    add     r0, r8
    add     r1, r8
    add     r2, r8
    add     r3, r8
    adds    r6, #8
    str     r6, [sp]
    subs    r9, #1
    str     r9, [sp, #12]
    bne     1b
    add     sp, #16
    pop     {r4-r11, pc}
    .size   \widen, . - \widen
    .endm

    PLANES  8, ew_dw3x3_8__dsp, ew_dw_widen_8__dsp
    PLANES  16, ew_dw3x3_16__dsp, ew_dw_widen_16__dsp
