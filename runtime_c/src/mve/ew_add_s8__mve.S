/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_s8__mve.S: sums of two values, 26 instructions for 16 of them. */
#include "mve/ew_assembly__mve.inc"

/* Fields of ew_add_s8_t. */
    .equ A_MULT, 0
    .equ N, 12
    .equ SHIFT, 16
    .equ ACT_MIN, 17
    .equ ACT_MAX, 18

/* void ew_add_s8__mve(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
 *
 * Every fourth value goes into one vector, so that the results, shifted to the top byte with saturation (shift is
 * 24 at the most), are put together by three inserting shifts. y may be a or b.
 *   r1 r4 r5 r6 a to a + 3   r2 r7 r8 r9 b to b + 3   r3 y   r10 offset   r11 b_mult   r12 index   r0 24 - shift
 * stack: 112 bytes */
FUNCTION ew_add_s8__mve
    push        {r0, r3-r11, lr}        /* r0 and r3 for the clamp at the end; 11 words and one to align */
    sub         sp, #4
    vpush       {d8-d15}
    ldr         r4, [r0, #N]
    ldrb        r5, [r0, #SHIFT]
    ldm         r0, {r9, r10, r11}      /* a_mult b_mult offset */
    vdup.32     q6, r9
    mov         r12, r10
    mov         r10, r11
    mov         r11, r12
    rsb         r0, r5, #24
    lsrs        lr, r4, #4
    adds        r4, r1, #1
    adds        r5, r1, #2
    adds        r6, r1, #3
    adds        r7, r2, #1
    add         r8, r2, #2
    add         r9, r2, #3
    mov         r12, #0
    wls         lr, lr, 2f
1:  vidup.u32   q7, r12, #4
    vldrb.s32   q0, [r1, q7]
    vldrb.s32   q1, [r4, q7]
    vldrb.s32   q2, [r5, q7]
    vldrb.s32   q3, [r6, q7]
    vmlas.s32   q0, q6, r10             /* a * a_mult + offset */
    vldrb.s32   q4, [r2, q7]
    vmlas.s32   q1, q6, r10
    vldrb.s32   q5, [r7, q7]
    vmlas.s32   q2, q6, r10
    vmla.s32    q0, q4, r11
    vldrb.s32   q4, [r8, q7]
    vmlas.s32   q3, q6, r10
    vmla.s32    q1, q5, r11
    vldrb.s32   q5, [r9, q7]
    vqshl.s32   q0, r0
    vmla.s32    q2, q4, r11
    vqshl.s32   q1, r0
    vmla.s32    q3, q5, r11
    vqshl.s32   q2, r0
    vsri.32     q1, q0, #8
    vqshl.s32   q3, r0
    vsri.32     q2, q1, #8
    vsri.32     q3, q2, #8
    vstrb.8     q3, [r3], #16
    le          lr, 1b
2:  add         r1, r12                 /* what is left, four at a time */
    add         r2, r12
    ldr         r4, [sp, #68]           /* p */
    ldr         r5, [r4, #N]
    and         r6, r5, #15
    wlstp.32    lr, r6, 4f
3:  vldrb.s32   q0, [r1], #4
    vldrb.s32   q1, [r2], #4
    vmlas.s32   q0, q6, r10
    vmla.s32    q0, q1, r11
    vqshl.s32   q0, r0
    vshr.s32    q0, q0, #24
    vstrb.32    q0, [r3], #4
    letp        lr, 3b
4:  ldrsb       r2, [r4, #ACT_MIN]
    ldrsb       r3, [r4, #ACT_MAX]
    mov         r1, r5
    ldr         r0, [sp, #72]           /* y */
    vpop        {d8-d15}
    add         sp, #12
    pop         {r4-r11, lr}
    cmp         r2, #-128
    it          eq
    cmpeq       r3, #127
    bne         ew_clamp__mve
    bx          lr
    .size ew_add_s8__mve, . - ew_add_s8__mve
