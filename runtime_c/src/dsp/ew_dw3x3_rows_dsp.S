/* ew_dw3x3_rows_dsp.S: 3x3 depthwise convolution of a few channels over one or two output rows.
 *
 * void ew_dw3x3_s1_dsp(const ew_dw_rows_dsp_t *s, uint32_t newer)   stride 1, two output rows
 * void ew_dw3x3_s2_dsp(const ew_dw_rows_dsp_t *s, uint32_t newer)   stride 2, one output row
 *
 * Plane of a channel: [column][2] words; a word holds an even row of the padded input (low half) and the row below it
 * (high half). One slot of each column holds the older (upper) word, slot `newer` the newer one.
 *   stride 1: rows a b | c d give the outputs  a w0 + b w1 + c w2  and  b w0 + c w1 + d w2  of each kernel column
 *   stride 2: rows a b | c . give the output   a w0 + b w1 + c w2
 * Record of a channel: for each kernel column the bytes (w0, w1, w1, w2), so that SXTB16 gives A = (w0, w1) and
 * B = (w1, w2); bias; mult. Two output columns at a time, so that a plane word is loaded once for both.
 * Bounds: |sum| <= 9 * 128 * 127 + |bias|.
 *
 * Registers: r0 plane, r1 output, r2-r7 A and B of the kernel columns, r8-r11 sums, r12 lr plane words.
 * Stack slots: the fields of ew_dw_rows_dsp_t, and */
#define SLOT_MULT      0  /* with the zero point behind it for LDRD */
#define SLOT_ROW       8  /* with SLOT_PX behind it for LDRD */
#define SLOT_PX        12
#define SLOT_W         16
#define SLOT_PLANE     20 /* with the output behind it for LDRD */
#define SLOT_COUNT     28 /* with the plane step behind it for LDRD */
#define SLOT_PAIRS     36
#define SLOT_ODD       40
#define SLOT_BIAS      44 /* twice, for LDRD */
#define SLOT_NEWER     52
#define SLOT_PAIRS_END 56
#define FRAME_BYTES    64

    .syntax unified
    .thumb

    .macro REQUANTIZE acc
    smmlar  \acc, \acc, r12, lr
    ssat    \acc, #8, \acc
    .endm

/* Sums of one output column over one plane column: \top for the upper row, \bottom for the lower one. */
    .macro TAPS_S1 old, new, a, b, top, bottom
    smlad   \top, \old, \a, \top
    smlad   \bottom, \new, \b, \bottom
    smlabt  \top, \new, \b, \top
    smlatb  \bottom, \old, \a, \bottom
    .endm

    .macro TAPS_S2 old, new, a, b, sum
    smlad   \sum, \old, \a, \sum
    smlabt  \sum, \new, \b, \sum
    .endm

/* Two columns, stride 1: 36 multiply-accumulates. */
    .macro PAIR_S1 old, new
    ldrd    r8, r9, [sp, #SLOT_BIAS]
    ldrd    r10, r11, [sp, #SLOT_BIAS]
    ldrd    r12, lr, [r0], #16
    TAPS_S1 \old, \new, r2, r3, r8, r9
    ldrd    r12, lr, [r0, #-8]
    TAPS_S1 \old, \new, r4, r5, r8, r9
    TAPS_S1 \old, \new, r2, r3, r10, r11
    ldrd    r12, lr, [r0]
    TAPS_S1 \old, \new, r6, r7, r8, r9
    TAPS_S1 \old, \new, r4, r5, r10, r11
    ldrd    r12, lr, [r0, #8]
    TAPS_S1 \old, \new, r6, r7, r10, r11
    ldrd    r12, lr, [sp, #SLOT_MULT]
    REQUANTIZE r8
    REQUANTIZE r9
    REQUANTIZE r10
    REQUANTIZE r11
    ldrd    r12, lr, [sp, #SLOT_ROW]
    strb    r9, [r1, r12] /* first, as the row step is 0 when there is no lower row */
    strb    r8, [r1]
    add     r1, lr
    strb    r11, [r1, r12]
    strb    r10, [r1]
    add     r1, lr
    .endm

    .macro SINGLE_S1 old, new
    ldrd    r8, r9, [sp, #SLOT_BIAS]
    ldrd    r12, lr, [r0]
    TAPS_S1 \old, \new, r2, r3, r8, r9
    ldrd    r12, lr, [r0, #8]
    TAPS_S1 \old, \new, r4, r5, r8, r9
    ldrd    r12, lr, [r0, #16]
    TAPS_S1 \old, \new, r6, r7, r8, r9
    ldrd    r12, lr, [sp, #SLOT_MULT]
    REQUANTIZE r8
    REQUANTIZE r9
    ldr     r12, [sp, #SLOT_ROW]
    strb    r9, [r1, r12]
    strb    r8, [r1]
    .endm

/* Two columns, stride 2: 18 multiply-accumulates. */
    .macro PAIR_S2 old, new
    ldrd    r8, r9, [sp, #SLOT_BIAS]
    ldrd    r12, lr, [r0], #32
    TAPS_S2 \old, \new, r2, r3, r8
    ldrd    r12, lr, [r0, #-24]
    TAPS_S2 \old, \new, r4, r5, r8
    ldrd    r12, lr, [r0, #-16]
    TAPS_S2 \old, \new, r6, r7, r8
    TAPS_S2 \old, \new, r2, r3, r9
    ldrd    r12, lr, [r0, #-8]
    TAPS_S2 \old, \new, r4, r5, r9
    ldrd    r12, lr, [r0]
    TAPS_S2 \old, \new, r6, r7, r9
    ldrd    r12, lr, [sp, #SLOT_MULT]
    REQUANTIZE r8
    REQUANTIZE r9
    ldr     lr, [sp, #SLOT_PX]
    strb    r8, [r1]
    strb    r9, [r1, lr]
    add     r1, r1, lr, lsl #1
    .endm

    .macro SINGLE_S2 old, new
    ldr     r8, [sp, #SLOT_BIAS]
    ldrd    r12, lr, [r0]
    TAPS_S2 \old, \new, r2, r3, r8
    ldrd    r12, lr, [r0, #8]
    TAPS_S2 \old, \new, r4, r5, r8
    ldrd    r12, lr, [r0, #16]
    TAPS_S2 \old, \new, r6, r7, r8
    ldrd    r12, lr, [sp, #SLOT_MULT]
    REQUANTIZE r8
    strb    r8, [r1]
    .endm
/* All columns of one channel, with the roles of the slots fixed. */
    .macro COLUMNS stride, old, new
    ldr     r12, [sp, #SLOT_PAIRS]
    add     r12, r0
    str     r12, [sp, #SLOT_PAIRS_END]
    cmp     r0, r12
    beq     2f
1:  PAIR_\stride \old, \new
    ldr     r12, [sp, #SLOT_PAIRS_END]
    cmp     r0, r12
    bne     1b
2:  ldr     r12, [sp, #SLOT_ODD]
    cmp     r12, #0
    beq.w   .Lnext_\stride
    SINGLE_\stride \old, \new
    .endm

    .macro ROWS name, stride
    .section .text.\name, "ax", %progbits
    .balign 4
    .global \name
    .type   \name, %function
    .thumb_func
\name: /* stack: 100 bytes */
    push    {r4-r11, lr}
    sub     sp, #FRAME_BYTES
    str     r1, [sp, #SLOT_NEWER]
    ldm     r0, {r2-r12}
    stm     sp, {r2-r12}
.Lchannel_\stride:
    ldr     r12, [sp, #SLOT_W]
    ldm     r12!, {r2, r4, r6, r8, r9}
    str     r12, [sp, #SLOT_W]
    str     r8, [sp, #SLOT_BIAS]
    str     r8, [sp, #(SLOT_BIAS + 4)]
    str     r9, [sp, #SLOT_MULT]
    sxtb16  r3, r2, ror #8
    sxtb16  r2, r2
    sxtb16  r5, r4, ror #8
    sxtb16  r4, r4
    sxtb16  r7, r6, ror #8
    sxtb16  r6, r6
    ldr     r12, [sp, #SLOT_NEWER]
    ldrd    r0, r1, [sp, #SLOT_PLANE]
    cmp     r12, #0
    beq.w   .Lswapped_\stride
    COLUMNS \stride, r12, lr
    b.w     .Lnext_\stride
.Lswapped_\stride:
    COLUMNS \stride, lr, r12
.Lnext_\stride:
    ldrd    r0, r1, [sp, #SLOT_PLANE]
    ldrd    r2, r3, [sp, #SLOT_COUNT]
    adds    r1, #1
    add     r0, r3
    subs    r2, #1
    strd    r0, r1, [sp, #SLOT_PLANE]
    str     r2, [sp, #SLOT_COUNT]
    bne.w   .Lchannel_\stride
    add     sp, #FRAME_BYTES
    pop     {r4-r11, pc}
    .size   \name, . - \name
    .endm

    ROWS    ew_dw3x3_s1_dsp, S1
    ROWS    ew_dw3x3_s2_dsp, S2
