/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_row__dsp.S: sums of two int8 arrays.
 *
 * void ew_add_row__dsp(const int8_t *a, const int8_t *b, int8_t *y, const ew_add_s8_t *p, uint32_t n)
 *   y[i] = saturate_s8((a[i] * p->a_mult + b[i] * p->b_mult + p->offset) >> p->shift) for i < n. y may be a or b.
 * p: a_mult at 0, b_mult at 4, offset at 8, shift, a byte, at 16.
 * Registers: r0 a, r1 b, r2 y, r3 their end, r4 r5 multipliers, r6 offset, r7 shift, r8 r12 values, lr end of the
 * fours. */
#include "ew_assembly__dsp.inc"
    .section .text.ew_add_row__dsp, "ax", %progbits

    .macro ELEMENT
    ldrsb   r8, [r0], #1
    ldrsb   r12, [r1], #1
    mla     r8, r8, r4, r6
    mla     r8, r12, r5, r8
    asr     r8, r8, r7
    ssat    r8, #8, r8
    strb    r8, [r2], #1
    .endm

    FUNCTION ew_add_row__dsp /* stack: 24 bytes */
    push    {r4-r8, lr}
    ldm     r3, {r4-r6}
    ldrb    r7, [r3, #16]
    ldr     r3, [sp, #24]
    bic     lr, r3, #3
    add     r3, r2
    add     lr, r2
    cmp     r2, lr
    beq     2f
1:  .rept   4
    ELEMENT
    .endr
    cmp     r2, lr
    bne     1b
2:  cmp     r2, r3
    beq     4f
3:  ELEMENT
    cmp     r2, r3
    bne     3b
4:  pop     {r4-r8, pc}
    .size   ew_add_row__dsp, . - ew_add_row__dsp
