/* SPDX-License-Identifier: Apache-2.0 */
/* ew_widen__thumb1.S: ew_cores__thumb1.h has the contract. 4 instructions for each value. */
    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .text
    .global ew_widen__thumb1
    .type ew_widen__thumb1, %function
    .balign 4
    .thumb_func
ew_widen__thumb1:
    push {r4-r7, lr}
    subs r3, r3, r2
    mov  lr, r3                 /* from the end of a row to the next one */
    movs r4, #0
    mov  r12, r4                /* sum */
    movs r5, #1
    movs r6, #2
    movs r7, #3
.Lrow:
    push {r2}
    subs r2, r2, #4
    blo  .Lrest
.Lfour:
    ldrsb r3, [r0, r4]
    str  r3, [r1, #0]
    add  r12, r3
    ldrsb r3, [r0, r5]
    str  r3, [r1, #16]
    add  r12, r3
    ldrsb r3, [r0, r6]
    str  r3, [r1, #32]
    add  r12, r3
    ldrsb r3, [r0, r7]
    str  r3, [r1, #48]
    add  r12, r3
    adds r0, r0, #4
    adds r1, r1, #64
    subs r2, r2, #4
    bhs  .Lfour
.Lrest:
    adds r2, r2, #4
    beq  .Lnext
.Lone:
    ldrsb r3, [r0, r4]
    str  r3, [r1, #0]
    add  r12, r3
    adds r0, r0, #1
    adds r1, r1, #16
    subs r2, r2, #1
    bne  .Lone
.Lnext:
    pop  {r2}
    add  r0, lr
    ldr  r3, [sp, #20]          /* rows: the fifth argument, above the five saved registers */
    subs r3, r3, #1
    str  r3, [sp, #20]
    bne  .Lrow
    mov  r0, r12
    pop  {r4-r7, pc}
    .size ew_widen__thumb1, . - ew_widen__thumb1
