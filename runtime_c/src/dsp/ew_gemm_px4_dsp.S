/* ew_gemm_px4_dsp.S: pair-weight GEMM for 4 pixels on Armv7E-M and Armv8-M with the DSP extension.
 *
 * const uint32_t *ew_gemm_px4_dsp(const ew_gemm_dsp_t *g, int8_t *y)
 *   Computes all runs of the weight stream g->w for the 4 pixels whose widened values stand at g->a, and
 *   stores pixel p, channel o at y[p * g->px_stride + o]. Result: the word behind the stream's terminator.
 * uint32_t ew_gemm_entry_px4_dsp(uint32_t kpairs)
 *   The value of g->entry for that many K pairs (1 or more).
 *
 * Pair weights: a halfword of a weight word holds output channels o and o + 1 for one input, w[o] + 256 * w[o + 1]
 * (Bounds: |w| <= 127 gives |halfword| <= 32,639 < 2^15). With SXTB16 (the low bytes, sign extended):
 *   acc0 += sxtb16(word) . a    the sum of channel o
 *   acc1 += word . a            that sum + 256 * the sum of channel o + 1
 * so one SXTB16 serves four weights. At the end sum1 = (acc1 - acc0) >> 8.
 * Bounds: exact while |sum1| < 2^23, as all of it is arithmetic modulo 2^32; packing checks this per channel.
 *
 * Stream: runs { byte length, first channel, records }, then { 0, 0 }.
 * Record: bias0, 256 * bias1 + bias0, kpairs weight words, mult0, mult1.
 * a: [kpairs][4 pixels] words; a word is the two int16 of a K pair, the first one low.
 * Requantization: SMMLAR (high word of product + zero point, rounded), SSAT, STRB.
 *
 * Registers: r0 a, r1 stream, r2-r5 acc0 of the pixels, r6-r9 acc1, r10 word, r11 low bytes, r12 lr pixel values.
 * Stack slots, in the order of ew_gemm_dsp_t: */
#define SLOT_OUT   4
#define SLOT_A     12 /* with SLOT_END behind it for LDRD */
#define SLOT_END   16
#define SLOT_A_END 20
#define SLOT_ENTRY 24
#define SLOT_Y     28

    .syntax unified
    .thumb
    .section .text.ew_gemm_px4_dsp, "ax", %progbits

/* One K pair, 16 multiply-accumulates; r10 holds the weight word when \loaded. 48 bytes when it is not. */
    .macro KPAIR
    ldr     r10, [r1], #4
    ldrd    r12, lr, [r0, #8]
    sxtb16  r11, r10
    smlad   r4, r12, r11, r4
    smlad   r5, lr, r11, r5
    smlad   r8, r12, r10, r8
    smlad   r9, lr, r10, r9
    ldrd    r12, lr, [r0], #16
    smlad   r2, r12, r11, r2
    smlad   r3, lr, r11, r3
    smlad   r6, r12, r10, r6
    smlad   r7, lr, r10, r7
    .endm

    .macro REQUANTIZE acc, mult
    smmlar  \acc, \acc, \mult, lr
    ssat    \acc, #8, \acc
    .endm

#define UNROLL      8
#define KPAIR_BYTES 48

    .balign 4
    .global ew_gemm_px4_dsp
    .type   ew_gemm_px4_dsp, %function
    .thumb_func
ew_gemm_px4_dsp: /* stack: 68 bytes */
    push    {r4-r11, lr}
    mov     r9, r1
    ldm     r0!, {r2-r8}
    ldr     r1, [r0]
    push    {r2-r9}
.Lrun:
    ldrd    r2, r3, [r1], #8
    ldr     r12, [sp, #SLOT_Y]
    add     r3, r12
    cmp     r2, #0
    beq.w   .Ldone
    add     r12, r1, r2
    str     r3, [sp, #SLOT_OUT]
    str     r12, [sp, #SLOT_END]
    ldr     r0, [sp, #SLOT_A]
.Lrecord: /* the first K pair takes the biases as its addends */
    ldm     r1!, {r2, r6, r10}
    ldrd    r12, lr, [r0, #8]
    sxtb16  r11, r10
    smlad   r4, r12, r11, r2
    smlad   r5, lr, r11, r2
    smlad   r8, r12, r10, r6
    smlad   r9, lr, r10, r6
    ldrd    r12, lr, [r0], #16
    smlad   r3, lr, r11, r2
    smlad   r7, lr, r10, r6
    smlad   r2, r12, r11, r2
    smlad   r6, r12, r10, r6
    ldr     pc, [sp, #SLOT_ENTRY]
    .balign 4
.Lloop:
    .rept   UNROLL
    KPAIR
    .endr
.Lloop_end:
    .if     .Lloop_end - .Lloop != UNROLL * KPAIR_BYTES
    .error  "a K pair is not KPAIR_BYTES long"
    .endif
    ldr     r12, [sp, #SLOT_A_END]
    cmp     r0, r12
    bne.w   .Lloop
.Lfinish:
    sub     r6, r6, r2
    sub     r7, r7, r3
    sub     r8, r8, r4
    sub     r9, r9, r5
    asr     r6, r6, #8
    asr     r7, r7, #8
    asr     r8, r8, #8
    asr     r9, r9, #8
    ldrd    r10, r11, [r1], #8
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
    ldrd    r0, r12, [sp, #SLOT_A]
    cmp     r1, r12
    bne.w   .Lrecord
    b.w     .Lrun
.Ldone:
    mov     r0, r1
    add     sp, #32
    pop     {r4-r11, pc}
    .size   ew_gemm_px4_dsp, . - ew_gemm_px4_dsp

    .global ew_gemm_entry_px4_dsp
    .type   ew_gemm_entry_px4_dsp, %function
    .thumb_func
ew_gemm_entry_px4_dsp: /* stack: 0 bytes */
    subs    r1, r0, #1 /* K pairs left to the loop */
    beq     1f
    rsb     r1, r1, #0
    and     r1, r1, #(UNROLL - 1) /* K pairs to skip in its first round */
    movs    r2, #KPAIR_BYTES
    adr.w   r0, .Lloop
    mla     r0, r1, r2, r0
    adds    r0, #1 /* Thumb */
    bx      lr
1:  adr.w   r0, .Lfinish
    adds    r0, #1
    bx      lr
    .size   ew_gemm_entry_px4_dsp, . - ew_gemm_entry_px4_dsp
