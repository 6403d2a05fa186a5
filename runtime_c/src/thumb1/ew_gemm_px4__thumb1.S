/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_px4__thumb1.S: ew_cores__thumb1.h has the contract. 10 instructions for each tap of four positions. */
#include "ew_requantize__thumb1.inc"

    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .text

/* Stack frame. */
    .equ OFFSET1, 0
    .equ OFFSET2, 4
    .equ OFFSET3, 8
    .equ ENTRY, 12
    .equ W, 16
    .equ X, 20
    .equ X_END, 24
    .equ Y, 28
    .equ Y_END, 32
    .equ ROUNDING, 36
    .equ ACT_MIN, 40
    .equ ACT_MAX, 44
    .equ FRAME, 48

/* acc[k] += x[tap][k] * w[tap]; r5: weights, r6: x. */
.macro TAP at
    ldmia r6!, {r0-r3}
    ldrb r4, [r5, #\at]
    muls r0, r4, r0
    add  r8, r0
    muls r1, r4, r1
    add  r9, r1
    muls r2, r4, r2
    add  r10, r2
    muls r3, r4, r3
    add  r11, r3
.endm

/* Requantize r0 and store it; r6: mult, r7: its low half, r4: its high half, r11: rounding, r3: act_max,
 * r12: act_min, r5: y. */
.macro OUTPUT offset
    EW_SCALE r0, r6, r7, r4, r11, r1, r2
    EW_CLAMP r0, r12, r3
    .ifb \offset
    strb r0, [r5]
    .else
    ldr  r1, [sp, #\offset]
    strb r0, [r5, r1]
    .endif
.endm

    .global ew_gemm_px4__thumb1
    .type ew_gemm_px4__thumb1, %function
    .balign 4
    .thumb_func
ew_gemm_px4__thumb1:
    push {r4-r7, lr}
    mov  r4, r8
    mov  r5, r9
    mov  r6, r10
    mov  r7, r11
    push {r4-r7}
    sub  sp, #FRAME
    ldmia r0!, {r1-r5}          /* w, x, x_end, y, outputs */
    str  r1, [sp, #W]
    str  r2, [sp, #X]
    str  r3, [sp, #X_END]
    mov  lr, r3
    str  r4, [sp, #Y]
    adds r4, r4, r5
    str  r4, [sp, #Y_END]
    ldmia r0!, {r4-r6}
    str  r4, [sp, #OFFSET1]
    str  r5, [sp, #OFFSET2]
    str  r6, [sp, #OFFSET3]
    subs r3, r3, r2             /* bytes of x: 16 for the corrections and 16 for each tap */
    ldmia r0!, {r4-r6}
    str  r4, [sp, #ROUNDING]
    str  r5, [sp, #ACT_MIN]
    str  r6, [sp, #ACT_MAX]
    adr  r0, .Leight
    lsrs r3, r3, #7             /* carry: an odd number of groups of four taps */
    bcc  .Lentry
    adr  r0, .Lfirst_half
.Lentry:
    adds r0, r0, #1
    str  r0, [sp, #ENTRY]
    mov  r5, r1

.Loutput:
    ldr  r6, [sp, #X]
    ldmia r5!, {r4, r7}         /* bias, mult */
    mov  r12, r7
    ldmia r6!, {r0-r3}
    adds r0, r0, r4
    mov  r8, r0
    adds r1, r1, r4
    mov  r9, r1
    adds r2, r2, r4
    mov  r10, r2
    adds r3, r3, r4
    mov  r11, r3
    ldr  r0, [sp, #ENTRY]
    bx   r0

    .balign 4
.Lfirst_half:
    subs r5, r5, #4
    b    .Lfour
    .balign 4
.Leight:
    TAP 0
    TAP 1
    TAP 2
    TAP 3
.Lfour:
    TAP 4
    TAP 5
    TAP 6
    TAP 7
    adds r5, r5, #8
    cmp  r6, lr
    bne  .Leight

    str  r5, [sp, #W]
    mov  r6, r12
    uxth r7, r6
    lsrs r4, r6, #16
    ldr  r0, [sp, #ACT_MIN]
    mov  r12, r0
    ldr  r3, [sp, #ACT_MAX]
    ldr  r5, [sp, #Y]
    mov  r0, r11
    ldr  r1, [sp, #ROUNDING]
    mov  r11, r1
    OUTPUT OFFSET3
    mov  r0, r10
    OUTPUT OFFSET2
    mov  r0, r9
    OUTPUT OFFSET1
    mov  r0, r8
    OUTPUT
    adds r5, r5, #1
    str  r5, [sp, #Y]
    ldr  r0, [sp, #Y_END]
    cmp  r5, r0
    beq  .Ldone
    ldr  r5, [sp, #W]
    b    .Loutput

.Ldone:
    add  sp, #FRAME
    pop  {r4-r7}
    mov  r8, r4
    mov  r9, r5
    mov  r10, r6
    mov  r11, r7
    pop  {r4-r7, pc}
    .size ew_gemm_px4__thumb1, . - ew_gemm_px4__thumb1
