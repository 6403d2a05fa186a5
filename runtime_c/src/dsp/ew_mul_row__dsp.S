/* SPDX-License-Identifier: Apache-2.0 */
/* ew_mul_row__dsp.S: products of two int8 arrays.
 *
 * void ew_mul_row__dsp(const int8_t *a, const int8_t *b, int8_t *y, const ew_mul_s8_t *p, uint32_t n)
 *   y[i] = saturate_s8(p->y_zero + round((a[i] - p->a_zero) * (b[i] - p->b_zero) * p->mult / 2^32)) for i < n. y may be
 *   a or b.
 * p: mult at 0, a_zero, b_zero and y_zero, bytes, at 9, 10 and 11.
 * Registers: r0 a, r1 b, r2 y, r3 their end, r4 mult, r5 r6 zero points, r7 of y, r8 r12 values, lr end of the
 * fours. */
#include "ew_assembly__dsp.inc"
    .section .text.ew_mul_row__dsp, "ax", %progbits

    .macro ELEMENT
    ldrsb   r8, [r0], #1
    ldrsb   r12, [r1], #1
    sub     r8, r5
    sub     r12, r6
    mul     r8, r8, r12
    smmlar  r8, r8, r4, r7
    ssat    r8, #8, r8
    strb    r8, [r2], #1
    .endm

    FUNCTION ew_mul_row__dsp /* stack: 24 bytes */
    push    {r4-r8, lr}
    ldr     r4, [r3]
    ldrsb   r5, [r3, #9]
    ldrsb   r6, [r3, #10]
    ldrsb   r7, [r3, #11]
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
    .size   ew_mul_row__dsp, . - ew_mul_row__dsp
