/* SPDX-License-Identifier: Apache-2.0 */
/* ew_lut_row__dsp.S: a table of 256 values.
 *
 * void ew_lut_row__dsp(const int8_t *zero, const int8_t *x, int8_t *y, uint32_t n)
 *   y[i] = zero[x[i]] for i < n; zero: the middle of the table. y may be x.
 * Registers: r0 table, r1 x, r2 y, r3 end of y, r4 value, r12 end of the fours. */
#include "ew_assembly__dsp.inc"
    .section .text.ew_lut_row__dsp, "ax", %progbits

    .macro ELEMENT
    ldrsb   r4, [r1], #1
    ldrsb   r4, [r0, r4]
    strb    r4, [r2], #1
    .endm

    FUNCTION ew_lut_row__dsp /* stack: 4 bytes */
    push    {r4}
    bic     r12, r3, #3
    add     r3, r2
    add     r12, r2
    cmp     r2, r12
    beq     2f
1:  .rept   4
    ELEMENT
    .endr
    cmp     r2, r12
    bne     1b
2:  cmp     r2, r3
    beq     4f
3:  ELEMENT
    cmp     r2, r3
    bne     3b
4:  pop     {r4}
    bx      lr
    .size   ew_lut_row__dsp, . - ew_lut_row__dsp
