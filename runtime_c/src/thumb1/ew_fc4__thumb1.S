/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc4__thumb1.S: ew_cores__thumb1.h has the contract. 13 instructions for each input of four outputs. */
#include "ew_requantize__thumb1.inc"

    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .text

/* Stack frame. */
    .equ X, 0
    .equ Y_END, 4
    .equ CORRECTION, 8
    .equ ROUNDING, 12
    .equ ACT_MIN, 16
    .equ ACT_MAX, 20
    .equ MULTS, 24
    .equ Y, 28
    .equ W, 32
    .equ X_END4, 36
    .equ FRAME, 40

/* acc[j] += x[index] * w[at + j]; r1: x, r3: weights. */
.macro INPUT index, at
    ldrsb r0, [r1, \index]
    ldrb r4, [r3, #\at]
    muls r4, r0, r4
    add  r8, r4
    ldrb r4, [r3, #\at + 1]
    muls r4, r0, r4
    add  r9, r4
    ldrb r4, [r3, #\at + 2]
    muls r4, r0, r4
    add  r10, r4
    ldrb r4, [r3, #\at + 3]
    muls r4, r0, r4
    add  r11, r4
.endm

/* Requantize r0 and store it at r5; r6: mults, r12: rounding. */
.macro OUTPUT
    ldmia r6!, {r3}
    uxth r7, r3
    lsrs r4, r3, #16
    EW_SCALE r0, r3, r7, r4, r12, r1, r2
    ldr  r1, [sp, #ACT_MIN]
    ldr  r2, [sp, #ACT_MAX]
    EW_CLAMP r0, r1, r2
    strb r0, [r5]
    adds r5, r5, #1
.endm

    .global ew_fc4__thumb1
    .type ew_fc4__thumb1, %function
    .balign 4
    .thumb_func
ew_fc4__thumb1:
    push {r4-r7, lr}
    mov  r4, r8
    mov  r5, r9
    mov  r6, r10
    mov  r7, r11
    push {r4-r7}
    sub  sp, #FRAME
    ldmia r0!, {r1-r6}          /* w, x, x_end4, x_end, y, y_end */
    str  r1, [sp, #W]
    str  r2, [sp, #X]
    str  r3, [sp, #X_END4]
    mov  lr, r4
    str  r5, [sp, #Y]
    str  r6, [sp, #Y_END]
    ldmia r0!, {r4-r7}
    str  r4, [sp, #CORRECTION]
    str  r5, [sp, #ROUNDING]
    str  r6, [sp, #ACT_MIN]
    str  r7, [sp, #ACT_MAX]

.Lblock:
    ldr  r3, [sp, #W]
    ldmia r3!, {r4-r7}          /* biases */
    ldr  r0, [sp, #CORRECTION]
    adds r4, r4, r0
    mov  r8, r4
    adds r5, r5, r0
    mov  r9, r5
    adds r6, r6, r0
    mov  r10, r6
    adds r7, r7, r0
    mov  r11, r7
    str  r3, [sp, #MULTS]
    adds r3, r3, #16
    ldr  r1, [sp, #X_END4]
    mov  r12, r1
    ldr  r1, [sp, #X]
    movs r2, #0
    movs r5, #1
    movs r6, #2
    movs r7, #3
    cmp  r1, r12
    beq  .Lrest
.Lfour:
    INPUT r2, 0
    INPUT r5, 4
    INPUT r6, 8
    INPUT r7, 12
    adds r1, r1, #4
    adds r3, r3, #16
    cmp  r1, r12
    bne  .Lfour
.Lrest:
    cmp  r1, lr
    beq  .Loutputs
.Lone:
    INPUT r2, 0
    adds r1, r1, #1
    adds r3, r3, #4
    cmp  r1, lr
    bne  .Lone

.Loutputs:
    str  r3, [sp, #W]
    ldr  r6, [sp, #MULTS]
    ldr  r5, [sp, #Y]
    ldr  r7, [sp, #ROUNDING]
    mov  r12, r7
    mov  r0, r8
    OUTPUT
    mov  r0, r9
    OUTPUT
    mov  r0, r10
    OUTPUT
    mov  r0, r11
    OUTPUT
    str  r5, [sp, #Y]
    ldr  r0, [sp, #Y_END]
    cmp  r5, r0
    beq  .Ldone
    b    .Lblock

.Ldone:
    add  sp, #FRAME
    pop  {r4-r7}
    mov  r8, r4
    mov  r9, r5
    mov  r10, r6
    mov  r11, r7
    pop  {r4-r7, pc}
    .size ew_fc4__thumb1, . - ew_fc4__thumb1
