/* SPDX-License-Identifier: Apache-2.0 */
/* ew_pool_core__mve.S: see ew_pool_core__mve.h. Channels in lanes. */
#include "mve/ew_assembly__mve.inc"

/* void ew_pool_core_max__mve(const ew_pool_core__mve_t *p);
 * Sixteen channels at a time.
 *   r0 x   r1 y   r2 rows   r3 row_step   r4 run   r5 run_step   r6 channels left   r9 row   r10 rows left
 * stack: 36 bytes */
FUNCTION ew_pool_core_max__mve
    push        {r4-r11, lr}
    ldm         r0, {r0-r8}             /* x y rows row_step run run_step channels act_min act_max */
    mls         r3, r4, r5, r3          /* from the end of a row to the next one */
    vdup.8      q2, r7
    vdup.8      q3, r8
1:  vctp.8      r6
    vmov        q0, q2
    movs        r10, r2
    mov         r9, r0
    beq         4f
2:  dls         lr, r4
3:  vpst
    vldrbt.8    q1, [r9]
    add         r9, r5
    vmax.s8     q0, q0, q1
    le          lr, 3b
    add         r9, r3
    subs        r10, #1
    bne         2b
4:  vmin.s8     q0, q0, q3
    adds        r0, #16
    vpst
    vstrbt.8    q0, [r1], #16
    subs        r6, #16
    bhi         1b
    pop         {r4-r11, pc}
    .size ew_pool_core_max__mve, . - ew_pool_core_max__mve

/* void ew_pool_core_sum__mve(const ew_pool_core__mve_t *p);
 * Eight channels at a time in halfwords, which hold 255 positions (Bounds: 255 * 128 < 2^15) before they are
 * added to the words in q1 (even channels) and q2 (odd ones).
 *   r0 x   r1 y   r2 rows   r3 row_step   r4 run   r5 run_step   r6 channels left   r7 position   r8 first
 *   r10 rows left   r11 positions left in the row   r12 positions of this turn
 *   q4 act_min   q5 act_max   q6 mult
 * stack: 84 bytes */
    .equ FIRST, 36
FUNCTION ew_pool_core_sum__mve
    push        {r4-r11, lr}
    vpush       {d8-d13}
    mov         r11, r0
    ldm         r0, {r0-r8}             /* x y rows row_step run run_step channels act_min act_max */
    mls         r3, r4, r5, r3          /* from the end of a row to the next one */
    vdup.16     q4, r7
    vdup.16     q5, r8
    ldrd        r8, r7, [r11, #FIRST]   /* first mult */
    vdup.32     q6, r7
    ldrd        r7, r12, [r11, #FIRST + 8] /* shift y_zero */
    sub         sp, #8
    strd        r7, r12, [sp]
1:  vctp.16     r6
    vdup.32     q1, r8
    vmov        q2, q1
    movs        r10, r2
    mov         r7, r0
    beq         5f
2:  mov         r11, r4
3:  cmp         r11, #255
    ite         lo
    movlo       r12, r11
    movhs       r12, #255
    vmov.i32    q0, #0
    sub         r11, r12
    dls         lr, r12
4:  vpst
    vldrbt.s16  q3, [r7]
    add         r7, r5
    vadd.i16    q0, q0, q3
    le          lr, 4b
    vmovlb.s16  q3, q0
    vmovlt.s16  q0, q0
    vadd.i32    q1, q1, q3
    vadd.i32    q2, q2, q0
    cmp         r11, #0
    bne         3b
    add         r7, r3
    subs        r10, #1
    bne         2b
5:  ldrd        r7, r12, [sp]
    vqshl.s32   q1, r7
    vqshl.s32   q2, r7
    vqrdmlash.s32 q1, q6, r12           /* acc * mult + zero point */
    vqrdmlash.s32 q2, q6, r12
    vqmovnb.s32 q1, q1
    vqmovnt.s32 q1, q2
    vmax.s16    q1, q1, q4
    vmin.s16    q1, q1, q5
    adds        r0, #8
    vpst
    vstrbt.16   q1, [r1], #8
    subs        r6, #8
    bhi         1b
    add         sp, #8
    vpop        {d8-d13}
    pop         {r4-r11, pc}
    .size ew_pool_core_sum__mve, . - ew_pool_core_sum__mve
