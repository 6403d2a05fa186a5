/* SPDX-License-Identifier: Apache-2.0 */
/* ew_dw_px__dsp.S: depthwise convolution of pixels in a row, straight from NHWC, four channels at a time.
 *
 * void ew_dw_px_3x3__dsp(const ew_dw_px__dsp_t *s)   windows of 3 x 3 taps
 * void ew_dw_px__dsp(const ew_dw_px__dsp_t *s)       windows of s->rows x s->taps taps
 *   Compute all channels of s->pixels output pixels, whose outputs follow each other at s->y.
 *
 * Two taps of four channels, bytes a0 a1 a2 a3 and b0 b1 b2 b3, become (a0, b0), (a1, b1), (a2, b2), (a3, b3) by two
 * PKH and four SXTB16, and meet weights of the same form in four SMLAD; a tap left over in a row of the window is
 * (a0, a2), (a1, a3) and four SMLAxy.
 * Weights of four channels: bias0 to bias3; for each row of the window, four words for each pair of taps, then two for
 * a tap left over; mult0 to mult3. The last four channels may overlap the four before.
 * Bounds: packing proves |bias| + 128 * sum |w| < 2^31.
 *
 * Registers: r0 x, r1 weights, r2 tap step, r3 row step or pairs left, r4-r7 sums, r8-r11 values, r12 lr weights.
 * Stack slots: the fields of ew_dw_px__dsp_t, and what it works with: */
#define SLOT_Y_ZERO   0 /* with the output behind it for LDRD */
#define SLOT_Y        4
#define SLOT_X        8 /* with the pixel step behind it for LDRD */
#define SLOT_W        16
#define SLOT_GROUPS   20 /* with SLOT_BACK behind it for LDRD */
#define SLOT_PIXELS   28
#define SLOT_TAP_STEP 32 /* with SLOT_ROW_STEP behind it for LDRD */
#define SLOT_ROW_STEP 36
#define SLOT_ROWS     40
#define SLOT_PAIRS    44 /* with SLOT_ODD behind it for LDRD */
#define SLOT_ODD      48
#define SLOT_RETURN   52 /* from where the window leaves r0 to the next four channels; SLOT_Y_END follows for LDRD */
#define SLOT_Y_END    56 /* of these groups, with SLOT_BACK_NOW behind it for STRD */
#define SLOT_BACK_NOW 60
#define SLOT_ROW      64 /* where this row of the window is read, with SLOT_ROWS_LEFT behind it for LDRD */
#define SLOT_ROWS_LEFT 68
#define FRAME_BYTES   72

#include "ew_assembly__dsp.inc"

/* The taps in r8 and r9. */
    .macro TWO_TAPS
    pkhbt   r10, r8, r9, lsl #16
    pkhtb   r11, r9, r8, asr #16
    LOAD_TWO_NEXT r12, lr, r1
    sxtb16  r8, r10
    sxtb16  r9, r10, ror #8
    sxtb16  r10, r11
    sxtb16  r11, r11, ror #8
    smlad   r4, r8, r12, r4
    smlad   r5, r9, lr, r5
    LOAD_TWO_NEXT r12, lr, r1
    smlad   r6, r10, r12, r6
    smlad   r7, r11, lr, r7
    .endm

/* The tap in r8. */
    .macro ONE_TAP
    LOAD_TWO_NEXT r12, lr, r1
    sxtb16  r9, r8, ror #8
    sxtb16  r8, r8
    smlabb  r4, r8, r12, r4
    smlabb  r5, r9, lr, r5
    smlatt  r6, r8, r12, r6
    smlatt  r7, r9, lr, r7
    .endm

    .macro REQUANTIZE acc, mult
    smmlar  \acc, \acc, \mult, r12
    ssat    \acc, #8, \acc
    strb    \acc, [lr], #1
    .endm

/* The loops over pixels and channels around \window, which leaves the sums of four channels read from r0 on. */
    .macro PIXELS name, window
    FUNCTION \name /* stack: 108 bytes */
    push    {r4-r11, lr}
    sub     sp, #FRAME_BYTES
    ldm     r0, {r1-r12, lr}
    stm     sp, {r1-r12, lr}
    rsb     r3, r11, #1 /* the window leaves r0 at its last row */
    mul     r3, r3, r10
    adds    r3, #4
    str     r3, [sp, #SLOT_RETURN]
.Lpixel_\name:
    ldr     r0, [sp, #SLOT_X]
    ldr     r1, [sp, #SLOT_W]
    LOAD_TWO r2, r3, sp, SLOT_TAP_STEP
    LOAD_TWO r8, r9, sp, SLOT_GROUPS
    ldr     r10, [sp, #SLOT_Y]
    add     r8, r10, r8, lsl #2
    STORE_TWO r8, r9, sp, SLOT_Y_END
.Lgroup_\name:
    ldm     r1!, {r4-r7}
    \window
    ldm     r1!, {r8-r11}
    LOAD_TWO r12, lr, sp, SLOT_Y_ZERO
    REQUANTIZE r4, r8
    REQUANTIZE r5, r9
    REQUANTIZE r6, r10
    REQUANTIZE r7, r11
    LOAD_TWO r8, r9, sp, SLOT_RETURN
    str     lr, [sp, #SLOT_Y]
    add     r0, r8
    cmp     lr, r9
    bne     .Lgroup_\name
    ldr     r9, [sp, #SLOT_BACK_NOW] /* channels that the last four share with the four before */
    cmp     r9, #0
    beq     .Lnext_\name
    sub     r0, r9
    sub     lr, r9
    str     lr, [sp, #SLOT_Y]
    mov     r9, #0
    add     r8, lr, #4
    STORE_TWO r8, r9, sp, SLOT_Y_END
    b       .Lgroup_\name
.Lnext_\name:
    LOAD_TWO r0, r2, sp, SLOT_X
    ldr     r3, [sp, #SLOT_PIXELS]
    add     r0, r2
    subs    r3, #1
    str     r0, [sp, #SLOT_X]
    str     r3, [sp, #SLOT_PIXELS]
    bne     .Lpixel_\name
    add     sp, #FRAME_BYTES
    pop     {r4-r11, pc}
    .size   \name, . - \name
    .endm

    .macro ROW_OF_3
    ldr     r8, [r0]
    ldr     r9, [r0, r2]
    TWO_TAPS
    ldr     r8, [r0, r2, lsl #1]
    ONE_TAP
    .endm

    .macro WINDOW_3X3
    ROW_OF_3
    add     r0, r3
    ROW_OF_3
    add     r0, r3
    ROW_OF_3
    .endm

    .macro WINDOW_ANY
    ldr     r8, [sp, #SLOT_ROWS]
1:  LOAD_TWO r3, r12, sp, SLOT_PAIRS
    STORE_TWO r0, r8, sp, SLOT_ROW
    BRANCH_IF_ZERO r3, 3f
2:  ldr     r8, [r0]
    ldr     r9, [r0, r2]
    add     r0, r0, r2, lsl #1
    TWO_TAPS
    subs    r3, #1
    bne     2b
    ldr     r12, [sp, #SLOT_ODD]
3:  cmp     r12, #0
    beq     4f
    ldr     r8, [r0]
    ONE_TAP
4:  LOAD_TWO r0, r8, sp, SLOT_ROW
    subs    r8, #1
    beq     5f
    ldr     r3, [sp, #SLOT_ROW_STEP]
    add     r0, r3
    b       1b
5:
    .endm

    PIXELS  ew_dw_px_3x3__dsp, WINDOW_3X3
    PIXELS  ew_dw_px__dsp, WINDOW_ANY
