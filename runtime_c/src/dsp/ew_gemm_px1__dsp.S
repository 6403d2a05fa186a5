/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_px1__dsp.S: pair-weight GEMM for a single pixel; same weight stream as ew_gemm_px4__dsp.S.
 *
 * const uint32_t *ew_gemm_pair_px1__dsp(const ew_gemm__dsp_t *g, int8_t *y)
 *   Computes all runs of g->w for the pixel whose widened values stand at g->a, and stores channel o at y[o].
 *   Result: the word behind the stream's terminator. g->px_stride and g->entry are not used.
 * a: [kpairs] words up to g->a_end; a word is the two int16 of a K pair, the first one low.
 *
 * Registers: r0 a, r1 stream, r2 acc0, r3 acc1, r4-r7 values, r8-r11 words, r12 end of the fours, lr end of a.
 * Stack slots, in the order of ew_gemm__dsp_t: */
#define SLOT_OUT   4  /* with the zero point behind it for LDRD */
#define SLOT_A     12 /* with SLOT_END behind it for LDRD */
#define SLOT_END   16
#define SLOT_A_END 20
#define SLOT_Y     28

#include "ew_assembly__dsp.inc"
    .section .text.ew_gemm_pair_px1__dsp, "ax", %progbits

    .macro KPAIR value, word
    smlad   r3, \value, \word, r3
    sxtb16  \word, \word
    smlad   r2, \value, \word, r2
    .endm

    FUNCTION ew_gemm_pair_px1__dsp /* stack: 68 bytes */
    push    {r4-r11, lr}
    mov     r9, r1
    ldm     r0!, {r2-r8}
    ldr     r1, [r0]
    push    {r2-r9}
    mov     lr, r7
    sub     r12, r7, r5 /* bytes of a, of it whole fours of K pairs */
    bic     r12, r12, #15
    add     r12, r5
.Lrun:
    LOAD_TWO_NEXT r2, r3, r1
    ldr     r4, [sp, #SLOT_Y]
    add     r3, r4
    cmp     r2, #0
    beq     .Ldone
    add     r2, r1
    str     r3, [sp, #SLOT_OUT]
    str     r2, [sp, #SLOT_END]
    ldr     r0, [sp, #SLOT_A]
.Lrecord:
    ldm     r1!, {r2, r3}
    cmp     r0, r12
    beq     .Lrest
.Lfours:
    ldm     r0!, {r4-r7}
    ldm     r1!, {r8-r11}
    KPAIR   r4, r8
    KPAIR   r5, r9
    KPAIR   r6, r10
    KPAIR   r7, r11
    cmp     r0, r12
    bne     .Lfours
.Lrest:
    cmp     r0, lr
    beq     .Lfinish
.Lones:
    ldr     r4, [r0], #4
    ldr     r8, [r1], #4
    KPAIR   r4, r8
    cmp     r0, lr
    bne     .Lones
.Lfinish:
    sub     r3, r3, r2
    asr     r3, r3, #8
    ldm     r1!, {r4, r5}
    LOAD_TWO r6, r7, sp, SLOT_OUT
    smmlar  r2, r2, r4, r7
    smmlar  r3, r3, r5, r7
    ssat    r2, #8, r2
    ssat    r3, #8, r3
    strb    r2, [r6], #1
    strb    r3, [r6], #1
    str     r6, [sp, #SLOT_OUT]
    LOAD_TWO r0, r8, sp, SLOT_A
    cmp     r1, r8
    bne     .Lrecord
    b       .Lrun
.Ldone:
    mov     r0, r1
    add     sp, #32
    pop     {r4-r11, pc}
    .size   ew_gemm_pair_px1__dsp, . - ew_gemm_pair_px1__dsp
