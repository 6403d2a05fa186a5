/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_whole_s8__mve.S: depthwise windows that are the whole input, sixteen channels at a time. */
#include "mve/ew_assembly__mve.inc"

/* Fields of ew_conv_s8_t. */
    .equ P_W, 0
    .equ P_BIAS, 4
    .equ P_IN_C, 16
    .equ P_K_H, 24
    .equ P_K_W, 26
    .equ P_Y_ZERO, 40
    .equ P_ACT_MIN, 41
    .equ P_ACT_MAX, 42

/* x [r1] and weights [r2], both moved on, to q0 and q1. */
.macro LOAD x, w
    vpst
    vldrbt.8    \x, [r1]
    vldrw.32    \w, [r2], #16
    add         r1, r6
.endm

/* The halfwords of \q to words, added to \even and \odd. */
.macro ADD_LONG q, even, odd
    vmovlb.s16  q3, \q
    vmovlt.s16  \q, \q
    vadd.i32    \even, \even, q3
    vadd.i32    \odd, \odd, \q
.endm

/* void ew_depthwise_whole_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
 *
 * w: for every 16 channels [taps][16]; bias: for every 16 channels int32 bias[16] and halved mult[16], both in the
 * order in which products are widened: channels 0 4 8 12, 2 6 10 14, 1 5 9 13, 3 7 11 15.
 * Bounds: two products of |w| <= 127 and |x| <= 128 fit a halfword, 2 * 127 * 128 < 2^15.
 *   r1 x   r2 w   r3 y   r4 x of the group   r5 channels left   r6 in_c   r7 taps   r8 bias   r9 y_zero
 *   q4 to q7 sums
 * stack: 104 bytes */
FUNCTION ew_depthwise_whole_s8__mve
    push        {r4-r11, lr}
    sub         sp, #4
    vpush       {d8-d15}
    mov         r3, r2
    mov         r4, r1
    ldrh        r6, [r0, #P_IN_C]
    ldrh        r7, [r0, #P_K_H]
    ldrh        r8, [r0, #P_K_W]
    mul         r7, r7, r8
    ldrd        r2, r8, [r0, #P_W]
    ldrsb       r9, [r0, #P_Y_ZERO]
    ldrsb       r10, [r0, #P_ACT_MIN]
    ldrsb       r11, [r0, #P_ACT_MAX]
    mov         r5, r6
1:  vctp.8      r5
    mov         r1, r4
    vldrw.32    q4, [r8], #16           /* sums start from the bias */
    vldrw.32    q5, [r8], #16
    vldrw.32    q6, [r8], #16
    vldrw.32    q7, [r8], #16
    lsrs        lr, r7, #1
    wls         lr, lr, 3f
2:  LOAD        q0, q1
    vmullb.s8   q2, q0, q1
    vmullt.s8   q0, q0, q1
    vpst
    vldrbt.8    q1, [r1]
    vldrw.32    q3, [r2]
    vmullb.s8   q1, q1, q3
    vadd.i16    q2, q2, q1
    LOAD        q1, q3
    vmullt.s8   q1, q1, q3
    vadd.i16    q0, q0, q1
    ADD_LONG    q2, q4, q5
    ADD_LONG    q0, q6, q7
    le          lr, 2b
3:  lsls        r0, r7, #31             /* an odd tap */
    beq         4f
    LOAD        q0, q1
    vmullb.s8   q2, q0, q1
    vmullt.s8   q0, q0, q1
    ADD_LONG    q2, q4, q5
    ADD_LONG    q0, q6, q7
4:  vldrw.32    q0, [r8], #16
    vldrw.32    q1, [r8], #16
    vldrw.32    q2, [r8], #16
    vldrw.32    q3, [r8], #16
    vqrdmlash.s32 q4, q0, r9            /* acc * mult + zero point */
    vqrdmlash.s32 q5, q1, r9
    vqrdmlash.s32 q6, q2, r9
    vqrdmlash.s32 q7, q3, r9
    vqmovnb.s32 q4, q4
    vqmovnt.s32 q4, q5
    vqmovnb.s32 q6, q6
    vqmovnt.s32 q6, q7
    vdup.8      q0, r10
    vqmovnb.s16 q4, q4
    vdup.8      q1, r11
    vqmovnt.s16 q4, q6
    vmax.s8     q4, q4, q0
    vmin.s8     q4, q4, q1
    vpst
    vstrbt.8    q4, [r3], #16
    adds        r4, #16
    subs        r5, #16
    bhi         1b
    vpop        {d8-d15}
    add         sp, #4
    pop         {r4-r11, pc}
    .size ew_depthwise_whole_s8__mve, . - ew_depthwise_whole_s8__mve
