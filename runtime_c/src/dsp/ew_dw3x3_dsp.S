/* ew_dw3x3_dsp.S: 3x3 depthwise convolution of stride 1 over planes of row pairs, and the making of these planes.
 *
 * void ew_dw3x3_dsp(const ew_dw_band_dsp_t *s)
 *   Computes s->count output channels of a band: of each, s->steps pairs of output rows.
 * void ew_dw_widen_dsp(const ew_dw_widen_dsp_t *s)
 *   Makes two plane words of each column and of four channels from four input rows.
 *
 * Planes: [column][4 channels][SLOTS] words; word t of a column holds row 2t of the padded input (low half) and row
 * 2t + 1 (high half). With rows a b | c d in two words, the output rows are, for each kernel column,
 *   upper: a w0 + b w1 + c w2     lower: b w0 + c w1 + d w2.
 * Record of a channel: for each kernel column the bytes (w0, w1, w1, w2), of which SXTB16 makes A = (w0, w1) and
 * B = (w1, w2); bias; mult. Two output columns at a time, so that each plane word is loaded once for both, down the
 * whole band, so that the weights stay in registers.
 * Bounds: |sum| <= 9 * 128 * 127 + |bias|; packing proves the sum inside int32. */
#define SLOTS         8
#define CHANNEL_BYTES (4 * SLOTS)
#define COLUMN_BYTES  (4 * CHANNEL_BYTES)

/* Stack slots of ew_dw3x3_dsp: the fields of ew_dw_band_dsp_t, and what it works with. */
#define SLOT_MULT     0  /* with the zero point behind it for LDRD */
#define SLOT_ROW      8  /* with the pixel step behind it for LDRD */
#define SLOT_PX       12
#define SLOT_W        16
#define SLOT_PLANE    20 /* with the output behind it for LDRD */
#define SLOT_COUNT    28 /* with the plane step behind it for LDRD */
#define SLOT_PAIRS    36
#define SLOT_ODD      40
#define SLOT_FULL     44 /* bytes of a plane column under the steps with two output rows */
#define SLOT_HALF     48 /* 1 when there is one more step, with only the upper row */
#define SLOT_BIAS     52 /* twice, for LDRD */
#define SLOT_COLUMN   60 /* with the output of that column behind it for LDRD */
#define SLOT_LEFT     68
#define SLOT_STEP_END 72
#define SLOT_ROW_KEPT 76
#define FRAME_BYTES   80

    .syntax unified
    .thumb
    .section .text.ew_dw3x3_dsp, "ax", %progbits

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

/* One step of two output columns: 36 multiply-accumulates. */
    .macro STEP_PAIR
    ldrd    r8, r9, [sp, #SLOT_BIAS]
    ldrd    r10, r11, [sp, #SLOT_BIAS]
    ldrd    r12, lr, [r0], #4
    TAPS    r2, r3, r8, r9
    ldrd    r12, lr, [r0, #(COLUMN_BYTES - 4)]
    TAPS    r4, r5, r8, r9
    TAPS    r2, r3, r10, r11
    ldrd    r12, lr, [r0, #(2 * COLUMN_BYTES - 4)]
    TAPS    r6, r7, r8, r9
    TAPS    r4, r5, r10, r11
    ldrd    r12, lr, [r0, #(3 * COLUMN_BYTES - 4)]
    TAPS    r6, r7, r10, r11
    ldrd    r12, lr, [sp, #SLOT_MULT]
    REQUANTIZE r8
    REQUANTIZE r9
    REQUANTIZE r10
    REQUANTIZE r11
    ldrd    r12, lr, [sp, #SLOT_ROW]
    strb    r9, [r1, r12] /* before the upper row, which stands at the same place when the row step is 0 */
    strb    r8, [r1]
    add     lr, r1
    strb    r11, [lr, r12]
    strb    r10, [lr]
    add     r1, r1, r12, lsl #1
    .endm

    .macro STEP_SINGLE
    ldrd    r8, r9, [sp, #SLOT_BIAS]
    ldrd    r12, lr, [r0], #4
    TAPS    r2, r3, r8, r9
    ldrd    r12, lr, [r0, #(COLUMN_BYTES - 4)]
    TAPS    r4, r5, r8, r9
    ldrd    r12, lr, [r0, #(2 * COLUMN_BYTES - 4)]
    TAPS    r6, r7, r8, r9
    ldrd    r12, lr, [sp, #SLOT_MULT]
    REQUANTIZE r8
    REQUANTIZE r9
    ldr     r12, [sp, #SLOT_ROW]
    strb    r9, [r1, r12]
    strb    r8, [r1]
    add     r1, r1, r12, lsl #1
    .endm

/* Down the steps of the band: r0 plane column, r1 output. */
    .macro DOWN step
    ldr     r12, [sp, #SLOT_FULL]
    add     r12, r0
1:  str     r12, [sp, #SLOT_STEP_END]
    cmp     r0, r12
    beq     3f
2:  \step
    ldr     r12, [sp, #SLOT_STEP_END]
    cmp     r0, r12
    bne     2b
3:  ldr     r12, [sp, #SLOT_HALF]
    cmp     r12, #0
    beq     5f
    ldr     r8, [sp, #SLOT_ROW]
    cmp     r8, #0
    beq     4f
    str     r8, [sp, #SLOT_ROW_KEPT]
    mov     r8, #0
    str     r8, [sp, #SLOT_ROW]
    add     r12, r0, #4
    b       1b
4:  ldr     r8, [sp, #SLOT_ROW_KEPT]
    str     r8, [sp, #SLOT_ROW]
5:
    .endm

    .balign 4
    .global ew_dw3x3_dsp
    .type   ew_dw3x3_dsp, %function
    .thumb_func
ew_dw3x3_dsp: /* stack: 116 bytes */
    push    {r4-r11, lr}
    sub     sp, #FRAME_BYTES
    ldm     r0!, {r1-r6}
    stm     sp, {r1-r6}
    ldm     r0, {r1-r7}
    add     r0, sp, #24
    stm     r0, {r1-r7}
.Lchannel:
    ldr     r12, [sp, #SLOT_W]
    ldm     r12!, {r2, r4, r6, r8, r9}
    str     r12, [sp, #SLOT_W]
    mov     r10, r8
    strd    r8, r10, [sp, #SLOT_BIAS]
    str     r9, [sp, #SLOT_MULT]
    sxtb16  r3, r2, ror #8
    sxtb16  r2, r2
    sxtb16  r5, r4, ror #8
    sxtb16  r4, r4
    sxtb16  r7, r6, ror #8
    sxtb16  r6, r6
    ldrd    r0, r1, [sp, #SLOT_PLANE]
    ldr     r12, [sp, #SLOT_PAIRS]
    cmp     r12, #0
    beq     .Lodd
.Lpair:
    strd    r0, r1, [sp, #SLOT_COLUMN]
    str     r12, [sp, #SLOT_LEFT]
    DOWN    STEP_PAIR
    ldrd    r0, r1, [sp, #SLOT_COLUMN]
    ldr     lr, [sp, #SLOT_PX]
    add     r0, #(2 * COLUMN_BYTES)
    add     r1, r1, lr, lsl #1
    ldr     r12, [sp, #SLOT_LEFT]
    subs    r12, #1
    bne.w   .Lpair
.Lodd:
    ldr     r12, [sp, #SLOT_ODD]
    cmp     r12, #0
    beq     .Lnext
    DOWN    STEP_SINGLE
.Lnext:
    ldrd    r0, r1, [sp, #SLOT_PLANE]
    ldrd    r2, r3, [sp, #SLOT_COUNT]
    adds    r1, #1
    add     r0, r3
    subs    r2, #1
    strd    r0, r1, [sp, #SLOT_PLANE]
    str     r2, [sp, #SLOT_COUNT]
    bne.w   .Lchannel
    add     sp, #FRAME_BYTES
    pop     {r4-r11, pc}
    .size   ew_dw3x3_dsp, . - ew_dw3x3_dsp

/* Registers: r0-r3 rows, r4 offset in them, r5 bytes of a pixel, r6 plane column, r7 columns left. */
    .section .text.ew_dw_widen_dsp, "ax", %progbits
    .balign 4
    .global ew_dw_widen_dsp
    .type   ew_dw_widen_dsp, %function
    .thumb_func
ew_dw_widen_dsp: /* stack: 36 bytes */
    push    {r4-r11, lr}
    ldm     r0, {r0-r3, r5-r7}
    movs    r4, #0
1:  ldr     r8, [r0, r4]
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
    strd    r10, lr, [r6], #COLUMN_BYTES
    sxtb16  r12, r12, ror #8
    sxtb16  r8, r8, ror #8
    strd    r12, r8, [r6, #(CHANNEL_BYTES - COLUMN_BYTES)]
    sxtb16  r10, r9
    sxtb16  lr, r11
    strd    r10, lr, [r6, #(2 * CHANNEL_BYTES - COLUMN_BYTES)]
    sxtb16  r9, r9, ror #8
    sxtb16  r11, r11, ror #8
    strd    r9, r11, [r6, #(3 * CHANNEL_BYTES - COLUMN_BYTES)]
    subs    r7, #1
    bne     1b
    pop     {r4-r11, pc}
    .size   ew_dw_widen_dsp, . - ew_dw_widen_dsp
