/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_px4__dsp.S: GEMM for 4 pixels, in two forms of weights.
 *
 * const uint32_t *ew_gemm_pair_px4__dsp(const ew_gemm__dsp_t *g, int8_t *y)    pair weights, one byte each
 * const uint32_t *ew_gemm_w16_px4__dsp(const ew_gemm__dsp_t *g, int8_t *y)     16-bit weights
 *   Compute all runs of the weight stream g->w for the 4 pixels whose widened values stand at g->a, and store pixel p,
 *   channel o at y[p * g->px_stride + o]. Result: the word behind the stream's terminator.
 * uint32_t ew_gemm_pair_entry__dsp(uint32_t kpairs), uint32_t ew_gemm_w16_entry__dsp(uint32_t kpairs)
 *   The value of g->entry for that many K pairs (1 or more).
 *
 * Pair weights: a halfword of a weight word holds output channels o and o + 1 for one input, w[o] + 256 * w[o + 1]
 * (Bounds: |w| <= 127 gives |halfword| <= 32,639 < 2^15). With SXTB16 (the low bytes, sign extended):
 *   acc0 += sxtb16(word) . a    the sum of channel o
 *   acc1 += word . a            that sum + 256 * the sum of channel o + 1
 * so one SXTB16 serves four weights. At the end sum1 = (acc1 - acc0) >> 8.
 * Bounds: exact while |sum1| < 2^23, as all of it is arithmetic modulo 2^32; packing checks this per channel.
 * 16-bit weights: a word of channel o + 1, then a word of channel o; 11 instructions instead of 12 for 16 products, 8
 * fewer at the end, and no bound on sum1 but int32.
 *
 * Stream: runs { byte length, first channel, records }, then { 0, 0 }.
 * Record: bias0, then 256 * bias1 + bias0 (pair) or bias1 (w16), the weight words of all K pairs, mult0, mult1.
 * a: [kpairs][4 pixels] words; a word is the two int16 of a K pair, the first one low.
 * Requantization: SMMLAR (high word of product + zero point, rounded), SSAT, STRB.
 *
 * Registers: r0 a, r1 stream, r2-r5 acc0 of the pixels, r6-r9 acc1, r10 r11 weights, r12 lr pixel values.
 * Stack slots, in the order of ew_gemm__dsp_t: */
#define SLOT_OUT   4
#define SLOT_A     12 /* with SLOT_END behind it for LDRD */
#define SLOT_END   16
#define SLOT_A_END 20
#define SLOT_ENTRY 24
#define SLOT_Y     28

#define UNROLL 16

#include "ew_assembly__dsp.inc"

/* Weights of a K pair: r11 for channel o, r10 for channel o + 1. */
    .macro LOAD_pair
    ldr     r10, [r1], #4
    sxtb16  r11, r10
    .endm
    .macro LOAD_w16
    LOAD_TWO_NEXT r10, r11, r1
    .endm

/* Biases and the weights of the first K pair. */
    .macro HEAD_pair
    ldm     r1!, {r2, r6, r10}
    sxtb16  r11, r10
    .endm
    .macro HEAD_w16
    ldm     r1!, {r2, r6, r10, r11}
    .endm

/* A K pair of two pixels. */
    .macro PRODUCTS acc0, next0, acc1, next1
    smlad   \acc0, r12, r11, \acc0
    smlad   \next0, lr, r11, \next0
    smlad   \acc1, r12, r10, \acc1
    smlad   \next1, lr, r10, \next1
    .endm

/* One K pair, 16 multiply-accumulates; 48 or 44 bytes of code. A32 loads r12 and lr together only by LDM. */
    .macro KPAIR form
    LOAD_\form
#ifdef __thumb2__
    ldrd    r12, lr, [r0, #8]
    PRODUCTS r4, r5, r8, r9
    ldrd    r12, lr, [r0], #16
    PRODUCTS r2, r3, r6, r7
#else
    ldm     r0!, {r12, lr}
    PRODUCTS r2, r3, r6, r7
    ldm     r0!, {r12, lr}
    PRODUCTS r4, r5, r8, r9
#endif
    .endm

    .macro SEPARATE_pair
    sub     r6, r6, r2
    sub     r7, r7, r3
    sub     r8, r8, r4
    sub     r9, r9, r5
    asr     r6, r6, #8
    asr     r7, r7, #8
    asr     r8, r8, #8
    asr     r9, r9, #8
    .endm
    .macro SEPARATE_w16
    .endm

    .macro REQUANTIZE acc, mult
    smmlar  \acc, \acc, \mult, lr
    ssat    \acc, #8, \acc
    .endm

    .macro GEMM form, kpair_bytes, product, entry
    FUNCTION \product /* stack: 68 bytes */
    push    {r4-r11, lr}
    mov     r9, r1
    ldm     r0!, {r2-r8}
    ldr     r1, [r0]
    push    {r2-r9}
.Lrun_\form:
    LOAD_TWO_NEXT r2, r3, r1
    ldr     r12, [sp, #SLOT_Y]
    add     r3, r12
    cmp     r2, #0
    beq     .Ldone_\form
    add     r12, r1, r2
    str     r3, [sp, #SLOT_OUT]
    str     r12, [sp, #SLOT_END]
    ldr     r0, [sp, #SLOT_A]
.Lrecord_\form: /* the first K pair takes the biases as its addends */
    HEAD_\form
    LOAD_TWO r12, lr, r0, 8
    smlad   r4, r12, r11, r2
    smlad   r5, lr, r11, r2
    smlad   r8, r12, r10, r6
    smlad   r9, lr, r10, r6
    LOAD_TWO_STEP r12, lr, r0, 16
    smlad   r3, lr, r11, r2
    smlad   r7, lr, r10, r6
    smlad   r2, r12, r11, r2
    smlad   r6, r12, r10, r6
    ldr     pc, [sp, #SLOT_ENTRY]
    .balign 4
.Lloop_\form:
    .rept   UNROLL
    KPAIR   \form
    .endr
.Lloop_end_\form:
    .if     .Lloop_end_\form - .Lloop_\form != UNROLL * \kpair_bytes
    .error  "the code of a K pair has another length"
    .endif
    ldr     r12, [sp, #SLOT_A_END]
    cmp     r0, r12
    bne     .Lloop_\form
.Lfinish_\form:
    SEPARATE_\form
    LOAD_TWO_NEXT r10, r11, r1
    ldm     sp, {r0, r12, lr} /* pixel stride, output, zero point */
    REQUANTIZE r3, r10
    strb    r3, [r12, r0]
    add     r3, r0, r0, lsl #1
    REQUANTIZE r4, r10
    strb    r4, [r12, r0, lsl #1]
    REQUANTIZE r5, r10
    strb    r5, [r12, r3]
    REQUANTIZE r2, r10
    strb    r2, [r12], #1
    REQUANTIZE r7, r11
    strb    r7, [r12, r0]
    REQUANTIZE r8, r11
    strb    r8, [r12, r0, lsl #1]
    REQUANTIZE r9, r11
    strb    r9, [r12, r3]
    REQUANTIZE r6, r11
    strb    r6, [r12], #1
    str     r12, [sp, #SLOT_OUT]
    LOAD_TWO r0, r12, sp, SLOT_A
    cmp     r1, r12
    bne     .Lrecord_\form
    BRANCH_WIDE .Lrun_\form
.Ldone_\form:
    mov     r0, r1
    add     sp, #32
    pop     {r4-r11, pc}
    .size   \product, . - \product

    SYMBOL  \entry /* stack: 0 bytes */
    subs    r1, r0, #1 /* K pairs left to the loop */
    beq     1f
    rsb     r1, r1, #0
    and     r1, r1, #(UNROLL - 1) /* K pairs to skip in its first round */
    movs    r2, #\kpair_bytes
    CODE_ADDRESS r0, .Lloop_\form
    mla     r0, r1, r2, r0
    adds    r0, #CODE_STATE
    bx      lr
1:  CODE_ADDRESS r0, .Lfinish_\form
    adds    r0, #CODE_STATE
    bx      lr
    .size   \entry, . - \entry
    .endm

    GEMM    pair, 48, ew_gemm_pair_px4__dsp, ew_gemm_pair_entry__dsp
    GEMM    w16, 44, ew_gemm_w16_px4__dsp, ew_gemm_w16_entry__dsp
