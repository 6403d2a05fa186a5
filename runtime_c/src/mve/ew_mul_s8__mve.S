/* SPDX-License-Identifier: Apache-2.0 */
/* ew_mul_s8__mve.S: products of two values, 16 instructions for 8 of them. */
#include "mve/ew_assembly__mve.inc"

/* Fields of ew_mul_s8_t: mult, n, then bytes. */
    .equ SHIFT, 8
    .equ A_ZERO, 9
    .equ B_ZERO, 10
    .equ Y_ZERO, 11
    .equ ACT_MIN, 12
    .equ ACT_MAX, 13

/* Products of q0 and q1 to bytes in the halfwords of q2. */
.macro PRODUCT
    vsub.i16    q0, q0, r4
    vsub.i16    q1, q1, r5
    vmullb.s16  q2, q0, q1
    vmullt.s16  q3, q0, q1
    vqshl.s32   q2, r7
    vqshl.s32   q3, r7
    vqrdmlash.s32 q2, q6, r6            /* acc * mult + zero point */
    vqrdmlash.s32 q3, q6, r6
    vqmovnb.s32 q2, q2
    vqmovnt.s32 q2, q3
    vmax.s16    q2, q2, q4
    vmin.s16    q2, q2, q5
.endm

/* void ew_mul_s8__mve(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
 *
 * A value without its zero point fits 9 bits, so a product fits the 32 bits of a long multiply of halfwords, whose
 * even and odd results are put together again when they are narrowed. y may be a or b.
 *   r4 a_zero   r5 b_zero   r6 y_zero   r7 shift   q4 act_min   q5 act_max   q6 mult
 * stack: 72 bytes */
FUNCTION ew_mul_s8__mve
    push        {r4-r7, r8, lr}
    vpush       {d8-d13}
    ldrd        r4, r8, [r0]            /* mult n */
    asrs        r4, #1                  /* VQRDMLASH doubles the product; mult is even */
    vdup.32     q6, r4
    ldrsb       r4, [r0, #ACT_MIN]
    ldrsb       r5, [r0, #ACT_MAX]
    vdup.16     q4, r4
    vdup.16     q5, r5
    ldrsb       r4, [r0, #A_ZERO]
    ldrsb       r5, [r0, #B_ZERO]
    ldrsb       r6, [r0, #Y_ZERO]
    ldrb        r7, [r0, #SHIFT]
    lsrs        lr, r8, #3
    wls         lr, lr, 2f
1:  vldrb.s16   q0, [r1], #8
    vldrb.s16   q1, [r2], #8
    PRODUCT
    vstrb.16    q2, [r3], #8
    le          lr, 1b
2:  ands        r8, #7
    beq         3f
    vctp.16     r8                      /* only for memory: the lanes in between change their size */
    vpstt
    vldrbt.s16  q0, [r1]
    vldrbt.s16  q1, [r2]
    PRODUCT
    vpst
    vstrbt.16   q2, [r3]
3:  vpop        {d8-d13}
    pop         {r4-r7, r8, pc}
    .size ew_mul_s8__mve, . - ew_mul_s8__mve
