/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_w4_px4__dsp.S: GEMM of four pixels with 4-bit weights, two pixels times four channels at a time.
 *
 * const uint32_t *ew_gemm_w4_px4__dsp(const ew_gemm__dsp_t *g, int8_t *y)
 *   Computes all runs of the stream at g->w for the four pixels whose widened values stand at g->a, and stores channel
 *   o of pixel p at y[p * g->px_stride + o]. With a pixel stride of 0 all pixels are the same and two are computed.
 *   Result: the word behind the stream's terminator.
 * uint32_t ew_gemm_w4_entry__dsp(uint32_t kpairs)
 *   The value of g->entry for that many K pairs (1 or more).
 *
 * 4-bit weights: a halfword of a weight word holds output channels o to o + 3 for one input,
 *   u0 + 16 u1 + 256 u2 + 4096 w3, where u = w + 8 and w3 keeps its sign
 * (Bounds: -7 <= w <= 7 gives -28,672 <= halfword <= 32,767). With A the sum of a pixel's values:
 *   acc3 += word . a              acc2 + 4096 s3
 *   acc2 += (word & 0x0FFF) . a   acc1 + 256 (s2 + 8 A)
 *   acc1 += (word & 0x00FF) . a   acc0 + 16 (s1 + 8 A)
 *   acc0 += (word & 0x000F) . a   s0 + 8 A
 * so three single-cycle instructions unpack eight weights, each in place of what it masks.
 * Bounds: exact while |s1 + 8 A| < 2^27, |s2 + 8 A| < 2^23 and |s3| < 2^19 with the biases, as all of it is arithmetic
 * modulo 2^32; packing checks this for each channel. A value that pads the last K pair has u = 8 and w3 = 0, so it
 * falls out with A, whatever it is.
 *
 * Stream: the left shift of the sums, which packing has shown not to saturate; runs { byte length, first channel,
 * records }, then { 0, 0 }, then 0. Record: b0, b0 + 16 b1, that + 256 b2, that + 4096 b3; the words of all K pairs;
 * mult0 to mult3.
 * a: [kpairs][4 pixels] words, as for ew_gemm_px4__dsp.S.
 *
 * Registers: r0 a, r1 stream, r2-r5 acc0 to acc3 of a pixel, r6-r9 of its neighbour, r10 word, r12 lr pixel values.
 * Stack slots, in the order of ew_gemm__dsp_t: */
#define SLOT_OUT   4
#define SLOT_A     12 /* with SLOT_END behind it for LDRD */
#define SLOT_END   16
#define SLOT_A_END 20
#define SLOT_ENTRY 24
#define SLOT_W     28
#define SLOT_Y     32
#define SLOT_SHIFT 36
#define SLOT_PAIRS 40 /* pixel pairs left */
#define SLOT_A8    48 /* 8 A of the four pixels; those of the second pair move to the front */
#define FRAME      64

#define UNROLL 16

#include "ew_assembly__dsp.inc"
#include "ew_nibbles__dsp.inc"

/* Both pixels times the word in r10. */
    .macro PRODUCTS
    smlad   r9, lr, r10, r9
    smlad   r5, r12, r10, r5
    KEEP_THREE r10
    smlad   r8, lr, r10, r8
    smlad   r4, r12, r10, r4
    uxtb16  r10, r10
    smlad   r7, lr, r10, r7
    smlad   r3, r12, r10, r3
    KEEP_ONE r10
    smlad   r6, lr, r10, r6
    smlad   r2, r12, r10, r2
    .endm

    .macro KPAIR
    ldr     r10, [r1], #4
    LOAD_TWO_STEP r12, lr, r0, 16
    PRODUCTS
    .endm
#define KPAIR_BYTES (8 + 4 * LOADS_OF_TWO + PRODUCT_BYTES)

    .macro OUTPUT acc, mult
    smmlar  \acc, \acc, \mult, lr
    ssat    \acc, #8, \acc
    .endm

    FUNCTION ew_gemm_w4_px4__dsp /* stack: 100 bytes */
    push    {r4-r11, lr}
    sub     sp, #FRAME
    str     r1, [sp, #SLOT_Y]
    ldm     r0!, {r2-r8}
    ldr     r1, [r0]
    ldr     r9, [r1], #4
    stm     sp, {r2-r8}
    str     r1, [sp, #SLOT_W]
    str     r9, [sp, #SLOT_SHIFT]
    movs    r3, #2
    cmp     r2, #0
    it      eq
    moveq   r3, #1
    str     r3, [sp, #SLOT_PAIRS]
    mov     r0, r5 /* a */
    mov     r12, r7
    mov     r11, #1
    orr     r11, r11, r11, lsl #16
    movs    r2, #0
    movs    r3, #0
    mov     r8, #0
    mov     r9, #0
1:  ldm     r0!, {r4-r7}
    smlad   r2, r4, r11, r2
    smlad   r3, r5, r11, r3
    smlad   r8, r6, r11, r8
    smlad   r9, r7, r11, r9
    cmp     r0, r12
    bne     1b
    lsl     r4, r2, #3
    lsl     r5, r3, #3
    lsl     r6, r8, #3
    lsl     r7, r9, #3
    add     r10, sp, #SLOT_A8
    stm     r10, {r4-r7}
.Lrun:
    LOAD_TWO_NEXT r2, r3, r1
    ldr     r12, [sp, #SLOT_Y]
    add     r3, r12
    cmp     r2, #0
    beq     .Lpair_done
    add     r12, r1, r2
    str     r3, [sp, #SLOT_OUT]
    str     r12, [sp, #SLOT_END]
    ldr     r0, [sp, #SLOT_A]
.Lrecord: /* the first K pair takes the initial sums as its addends */
    ldm     r1!, {r2-r5, r10}
    LOAD_TWO_STEP r12, lr, r0, 16
    smlad   r9, lr, r10, r5
    smlad   r5, r12, r10, r5
    KEEP_THREE r10
    smlad   r8, lr, r10, r4
    smlad   r4, r12, r10, r4
    uxtb16  r10, r10
    smlad   r7, lr, r10, r3
    smlad   r3, r12, r10, r3
    KEEP_ONE r10
    smlad   r6, lr, r10, r2
    smlad   r2, r12, r10, r2
    ldr     pc, [sp, #SLOT_ENTRY]
    .balign 4
.Lloop:
    .rept   UNROLL
    KPAIR
    .endr
.Lloop_end:
    .if     .Lloop_end - .Lloop != UNROLL * KPAIR_BYTES
    .error  "the code of a K pair has another length"
    .endif
    ldr     r12, [sp, #SLOT_A_END]
    cmp     r0, r12
    bne     .Lloop
.Lfinish:
    LOAD_TWO r10, r11, sp, SLOT_A8
    SEPARATE r2, r3, r4, r5, r10
    SEPARATE r6, r7, r8, r9, r11
    ldr     r0, [sp, #SLOT_SHIFT]
    BRANCH_IF_ZERO r0, 2f
    lsl     r2, r2, r0
    lsl     r3, r3, r0
    lsl     r4, r4, r0
    lsl     r5, r5, r0
    lsl     r6, r6, r0
    lsl     r7, r7, r0
    lsl     r8, r8, r0
    lsl     r9, r9, r0
2:  LOAD_TWO_NEXT r10, r11, r1
    ldm     sp, {r0, r12, lr} /* pixel stride, output, zero point */
    OUTPUT  r6, r10
    strb    r6, [r12, r0]
    OUTPUT  r2, r10
    strb    r2, [r12], #1
    OUTPUT  r7, r11
    strb    r7, [r12, r0]
    OUTPUT  r3, r11
    strb    r3, [r12], #1
    LOAD_TWO_NEXT r10, r11, r1
    OUTPUT  r8, r10
    strb    r8, [r12, r0]
    OUTPUT  r4, r10
    strb    r4, [r12], #1
    OUTPUT  r9, r11
    strb    r9, [r12, r0]
    OUTPUT  r5, r11
    strb    r5, [r12], #1
    str     r12, [sp, #SLOT_OUT]
    LOAD_TWO r0, r12, sp, SLOT_A
    cmp     r1, r12
    bne     .Lrecord
    BRANCH_WIDE .Lrun
.Lpair_done:
    ldr     r4, [sp, #SLOT_PAIRS]
    subs    r4, #1
    beq     .Ldone
    str     r4, [sp, #SLOT_PAIRS]
    LOAD_TWO r4, r5, sp, SLOT_A8 + 8
    STORE_TWO r4, r5, sp, SLOT_A8
    ldr     r4, [sp, #SLOT_A]
    ldr     r5, [sp, #SLOT_A_END]
    ldr     r6, [sp] /* pixel stride */
    adds    r4, #8
    adds    r5, #8
    add     r12, r12, r6, lsl #1
    str     r4, [sp, #SLOT_A]
    str     r5, [sp, #SLOT_A_END]
    str     r12, [sp, #SLOT_Y]
    ldr     r1, [sp, #SLOT_W]
    BRANCH_WIDE .Lrun
.Ldone:
    mov     r0, r1
    add     sp, #FRAME
    pop     {r4-r11, pc}
    .size   ew_gemm_w4_px4__dsp, . - ew_gemm_w4_px4__dsp

    SYMBOL  ew_gemm_w4_entry__dsp /* stack: 0 bytes */
    subs    r1, r0, #1 /* K pairs left to the loop */
    beq     3f
    rsb     r1, r1, #0
    and     r1, r1, #(UNROLL - 1) /* K pairs to skip in its first round */
    movs    r2, #KPAIR_BYTES
    CODE_ADDRESS r0, .Lloop
    mla     r0, r1, r2, r0
    adds    r0, #CODE_STATE
    bx      lr
3:  CODE_ADDRESS r0, .Lfinish
    adds    r0, #CODE_STATE
    bx      lr
    .size   ew_gemm_w4_entry__dsp, . - ew_gemm_w4_entry__dsp
