/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc4__dsp.S: pair-weight product of one input row, four outputs at a time.
 *
 * const uint32_t *ew_fc4__dsp(const ew_gemm__dsp_t *g, int8_t *y)
 *   Computes the quads at g->w and stores output o at y[o]. Result: the word behind the last quad.
 *
 * Quads: byte length, records. Record of the outputs o to o + 3, two pairs as in ew_gemm_px4__dsp.S:
 *   bias0, 256 * bias1 + bias0, bias2, 256 * bias3 + bias2;
 *   for each whole four of K pairs, four words of the first pair and four words of the second;
 *   for each K pair left, one word of each; mult0 to mult3.
 * a: [kpairs] words up to g->a_end, as for ew_gemm_px1__dsp.
 *
 * Registers: r0 a, r1 record, r2-r3 and r4-r5 accumulators of the pairs, r6-r9 values, r10-r12 lr words.
 * Stack slots, in the order of ew_gemm__dsp_t: */
#define SLOT_FOURS_END 0  /* behind the whole fours of a */
#define SLOT_OUT       4  /* with the zero point behind it for LDRD */
#define SLOT_A         12 /* with SLOT_END behind it for LDRD */
#define SLOT_END       16
#define SLOT_A_END     20
#define SLOT_ENTRY     24
#define UNROLL         4
#define FOUR_BYTES     108 /* of code per whole four */

#include "ew_assembly__dsp.inc"
    .section .text.ew_fc4__dsp, "ax", %progbits

    .macro PAIR value, word, acc0, acc1
    smlad   \acc1, \value, \word, \acc1
    sxtb16  \word, \word
    smlad   \acc0, \value, \word, \acc0
    .endm

    .macro PAIR_FOUR acc0, acc1
    ldm     r1!, {r10, r11, r12, lr}
    PAIR    r6, r10, \acc0, \acc1
    PAIR    r7, r11, \acc0, \acc1
    PAIR    r8, r12, \acc0, \acc1
    PAIR    r9, lr, \acc0, \acc1
    .endm

    FUNCTION ew_fc4__dsp /* stack: 68 bytes */
    push    {r4-r11, lr}
    mov     r3, r1
    ldm     r0!, {r2, r4-r9} /* stride, out, zero, a, end, a_end, entry */
    ldr     r1, [r0]
    mov     r4, r3
    sub     r0, r8, r6
    bic     r0, r0, #15 /* bytes of the whole fours */
    add     r2, r6, r0
    lsr     r0, r0, #4
    CODE_ADDRESS r9, .Lrest + CODE_STATE
    BRANCH_IF_ZERO r0, 1f
    rsb     r0, r0, #0
    and     r0, r0, #(UNROLL - 1) /* fours to skip in the first round */
    movs    r3, #FOUR_BYTES
    CODE_ADDRESS r9, .Lfours + CODE_STATE
    mla     r9, r0, r3, r9
1:  ldr     r7, [r1], #4
    add     r7, r1
    push    {r2, r4-r9, lr}
    b       .Lnext
.Lrecord:
    ldm     r1!, {r2-r5}
    ldr     pc, [sp, #SLOT_ENTRY]
    .balign 4
.Lfours:
    .rept   UNROLL
    ldm     r0!, {r6-r9}
    PAIR_FOUR r2, r3
    PAIR_FOUR r4, r5
    .endr
.Lfours_end:
    .if     .Lfours_end - .Lfours != UNROLL * FOUR_BYTES
    .error  "a four is not FOUR_BYTES long"
    .endif
    ldr     r6, [sp, #SLOT_FOURS_END]
    cmp     r0, r6
    bne     .Lfours
    .balign 4
.Lrest:
    ldr     r6, [sp, #SLOT_A_END]
    cmp     r0, r6
    beq     .Lfinish
.Lones:
    ldr     r7, [r0], #4
    LOAD_TWO_NEXT r10, r11, r1
    PAIR    r7, r10, r2, r3
    PAIR    r7, r11, r4, r5
    cmp     r0, r6
    bne     .Lones
.Lfinish:
    sub     r3, r3, r2
    sub     r5, r5, r4
    asr     r3, r3, #8
    asr     r5, r5, #8
    ldm     r1!, {r10, r11, r12, lr}
    LOAD_TWO r6, r7, sp, SLOT_OUT
    smmlar  r2, r2, r10, r7
    smmlar  r3, r3, r11, r7
    smmlar  r4, r4, r12, r7
    smmlar  r5, r5, lr, r7
    ssat    r2, #8, r2
    ssat    r3, #8, r3
    ssat    r4, #8, r4
    ssat    r5, #8, r5
    strb    r2, [r6], #1
    strb    r3, [r6], #1
    strb    r4, [r6], #1
    strb    r5, [r6], #1
    str     r6, [sp, #SLOT_OUT]
.Lnext:
    LOAD_TWO r0, r8, sp, SLOT_A
    cmp     r1, r8
    bne     .Lrecord
    mov     r0, r1
    add     sp, #32
    pop     {r4-r11, pc}
    .size   ew_fc4__dsp, . - ew_fc4__dsp
