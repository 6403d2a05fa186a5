/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_px8_w4__thumb1: ew_cores_w4__thumb1.h has the contract. 11 instructions for each tap of eight positions: a
 * word holds the taps of two positions, so one MULS makes two products, in halfwords that are emptied after each run. */
#include "ew_requantize__thumb1.inc"

    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .text

/* Stack frame. */
    .equ SUMS, 0 /* of eight positions */
    .equ X, 32
    .equ Y, 36
    .equ Y_END, 40
    .equ PITCH, 44
    .equ POSITIONS, 48
    .equ SHIFT, 52
    .equ ROUNDING, 56
    .equ ACT_MIN, 60
    .equ ACT_MAX, 64
    .equ MULT, 68
    .equ W, 72
    .equ FRAME, 76

/* The tap whose weight ends \left bits from the top of r5. */
.macro TAP left
    ldmia r6!, {r0-r3}
    .if \left
    lsls r4, r5, #\left
    asrs r4, r4, #28
    .else
    asrs r4, r5, #28
    .endif
    muls r0, r4, r0
    add  r8, r0
    muls r1, r4, r1
    add  r9, r1
    muls r2, r4, r2
    add  r10, r2
    muls r3, r4, r3
    add  r11, r3
.endm

/* The signed halfwords of \acc onto the sums of positions \p and \p + 4. */
.macro EMPTY acc, p
    mov  r0, \acc
    sxth r1, r0
    subs r0, r0, r1
    asrs r0, r0, #16
    ldr  r2, [sp, #SUMS + 4 * \p]
    adds r2, r2, r1
    str  r2, [sp, #SUMS + 4 * \p]
    ldr  r2, [sp, #SUMS + 4 * \p + 16]
    adds r2, r2, r0
    str  r2, [sp, #SUMS + 4 * \p + 16]
.endm

    .global ew_gemm_px8_w4__thumb1
    .type ew_gemm_px8_w4__thumb1, %function
    .balign 4
    .thumb_func
ew_gemm_px8_w4__thumb1:
    push {r4-r7, lr}
    mov  r4, r8
    mov  r5, r9
    mov  r6, r10
    mov  r7, r11
    push {r4-r7}
    sub  sp, #FRAME
    ldmia r0!, {r1-r7}          /* w, x, y, y_end, pitch, positions, shift */
    str  r2, [sp, #X]
    str  r3, [sp, #Y]
    str  r4, [sp, #Y_END]
    str  r5, [sp, #PITCH]
    str  r6, [sp, #POSITIONS]
    str  r7, [sp, #SHIFT]
    mov  r7, r1
    ldmia r0!, {r4-r6}
    str  r4, [sp, #ROUNDING]
    str  r5, [sp, #ACT_MIN]
    str  r6, [sp, #ACT_MAX]

.Lchannel:
    ldmia r7!, {r0-r2}          /* bias, mult, words of the first run */
    str  r1, [sp, #MULT]
    mov  r1, r0
    mov  r3, r0
    mov  r5, r0
    mov  r4, sp
    stmia r4!, {r0, r1, r3, r5}
    stmia r4!, {r0, r1, r3, r5}
    ldr  r6, [sp, #X]
.Lrun:
    mov  r12, r2
    movs r0, #0
    mov  r8, r0
    mov  r9, r0
    mov  r10, r0
    mov  r11, r0
.Lword:
    ldmia r7!, {r5}
    TAP  28
    TAP  24
    TAP  20
    TAP  16
    TAP  12
    TAP  8
    TAP  4
    TAP  0
    mov  r0, r12
    subs r0, r0, #1
    mov  r12, r0
    bne  .Lword
    EMPTY r8, 0
    EMPTY r9, 1
    EMPTY r10, 2
    EMPTY r11, 3
    ldmia r7!, {r2}
    cmp  r2, #0
    beq  .Lscale
    b    .Lrun

.Lscale:
    str  r7, [sp, #W]
    mov  r3, sp                 /* the sums */
    ldr  r6, [sp, #MULT]
    ldr  r5, [sp, #Y]
    ldr  r0, [sp, #PITCH]
    mov  r8, r0
    ldr  r0, [sp, #ROUNDING]
    mov  r12, r0
    ldr  r0, [sp, #ACT_MIN]
    mov  r10, r0
    ldr  r0, [sp, #ACT_MAX]
    mov  r9, r0
    ldr  r0, [sp, #SHIFT]
    mov  lr, r0
    ldr  r0, [sp, #POSITIONS]
    lsls r0, r0, #2
    add  r0, sp
    mov  r11, r0                /* behind the last sum */
    uxth r7, r6
    lsrs r4, r6, #16
.Loutput:
    ldmia r3!, {r0}
    mov  r1, lr
    lsls r0, r0, r1
    EW_SCALE r0, r6, r7, r4, r12, r1, r2
    EW_CLAMP r0, r10, r9
    strb r0, [r5]
    add  r5, r8
    cmp  r3, r11
    bne  .Loutput
    ldr  r5, [sp, #Y]
    adds r5, r5, #1
    str  r5, [sp, #Y]
    ldr  r7, [sp, #W]
    ldr  r0, [sp, #Y_END]
    cmp  r5, r0
    beq  .Ldone
    b    .Lchannel

.Ldone:
    add  sp, #FRAME
    pop  {r4-r7}
    mov  r8, r4
    mov  r9, r5
    mov  r10, r6
    mov  r11, r7
    pop  {r4-r7, pc}
    .size ew_gemm_px8_w4__thumb1, . - ew_gemm_px8_w4__thumb1
