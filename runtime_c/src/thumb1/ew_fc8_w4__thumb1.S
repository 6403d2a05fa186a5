/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc8_w4__thumb1: ew_cores_w4__thumb1.h has the contract. 17 instructions for each input of eight outputs: a product
 * of a nibble and a byte has 12 bits, so one MULS makes two of them, in halfwords that are emptied every 16 inputs. */
#include "ew_requantize__thumb1.inc"

    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .text

/* Stack frame. */
    .equ SUMS, 0 /* of eight outputs */
    .equ X, 32
    .equ X_END, 36
    .equ Y, 40
    .equ Y_END, 44
    .equ CORRECTION, 48
    .equ ROUNDING, 52
    .equ ACT_MIN, 56
    .equ ACT_MAX, 60
    .equ SHIFT, 64
    .equ ENTRY, 68
    .equ SKIPPED, 72 /* inputs that the first round of a block leaves out */
    .equ MULTS, 76
    .equ W, 80
    .equ FRAME, 84

    .equ ROUND, 16
    .equ INPUT_BYTES, 17 * 2

/* Input number \i of a round times its word; r5: 0x000F000F. */
.macro INPUT i
    ldr  r3, [r1, #4 * \i]
    ldrb r2, [r0, #\i]
    lsrs r4, r3, #4
    ands r4, r5
    muls r4, r2, r4
    add  r9, r4
    lsrs r4, r3, #8
    ands r4, r5
    muls r4, r2, r4
    add  r10, r4
    lsrs r4, r3, #12
    ands r4, r5
    muls r4, r2, r4
    add  r11, r4
    ands r3, r5
    muls r3, r2, r3
    add  r8, r3
.endm

/* The halfwords of \acc onto the sums of outputs \c and \c + 4. */
.macro EMPTY acc, c
    mov  r2, \acc
    uxth r3, r2
    lsrs r2, r2, #16
    ldr  r4, [sp, #SUMS + 4 * \c]
    adds r4, r4, r3
    str  r4, [sp, #SUMS + 4 * \c]
    ldr  r4, [sp, #SUMS + 4 * \c + 16]
    adds r4, r4, r2
    str  r4, [sp, #SUMS + 4 * \c + 16]
.endm

    .global ew_fc8_w4__thumb1
    .type ew_fc8_w4__thumb1, %function
    .balign 4
    .thumb_func
ew_fc8_w4__thumb1:
    push {r4-r7, lr}
    mov  r4, r8
    mov  r5, r9
    mov  r6, r10
    mov  r7, r11
    push {r4-r7}
    sub  sp, #FRAME
    ldmia r0!, {r1-r7}          /* w, x, x_end, y, y_end, correction, shift */
    str  r2, [sp, #X]
    str  r3, [sp, #X_END]
    str  r4, [sp, #Y]
    str  r5, [sp, #Y_END]
    str  r6, [sp, #CORRECTION]
    str  r7, [sp, #SHIFT]
    ldmia r0!, {r4-r6}
    str  r4, [sp, #ROUNDING]
    str  r5, [sp, #ACT_MIN]
    str  r6, [sp, #ACT_MAX]
    subs r3, r2, r3             /* -inputs */
    movs r4, #ROUND - 1
    ands r3, r4
    str  r3, [sp, #SKIPPED]
    movs r4, #INPUT_BYTES
    muls r3, r4, r3
    adr  r4, .Lround
    adds r4, r4, r3
    adds r4, r4, #1             /* a Thumb address */
    str  r4, [sp, #ENTRY]

.Lblock:
    ldr  r6, [sp, #CORRECTION]
    mov  r7, sp
    .rept 2
    ldmia r1!, {r2-r5}          /* biases */
    adds r2, r2, r6
    adds r3, r3, r6
    adds r4, r4, r6
    adds r5, r5, r6
    stmia r7!, {r2-r5}
    .endr
    str  r1, [sp, #MULTS]
    adds r1, r1, #32
    ldr  r0, [sp, #X]
    ldr  r2, [sp, #SKIPPED]
    subs r0, r0, r2
    lsls r2, r2, #2
    subs r1, r1, r2
    ldr  r5, .Lnibbles
    ldr  r4, [sp, #ENTRY]
    movs r6, #0
    mov  r8, r6
    mov  r9, r6
    mov  r10, r6
    mov  r11, r6
    bx   r4
    .balign 4
.Lnibbles:
    .word 0x000F000F
.Lround:
    .set n, 0
    .rept ROUND
    INPUT n
    .set n, n + 1
    .endr
.Lround_end:
    .if .Lround_end - .Lround != ROUND * INPUT_BYTES
    .error "an input is not INPUT_BYTES long"
    .endif
    adds r0, r0, #ROUND
    adds r1, r1, #4 * ROUND
    EMPTY r8, 0
    EMPTY r9, 1
    EMPTY r10, 2
    EMPTY r11, 3
    ldr  r2, [sp, #X_END]
    cmp  r0, r2
    beq  .Loutputs
    movs r6, #0
    mov  r8, r6
    mov  r9, r6
    mov  r10, r6
    mov  r11, r6
    b    .Lround

.Loutputs:
    str  r1, [sp, #W]
    add  r1, sp, #SUMS + 4 * 8
    mov  r8, r1                 /* behind the last sum */
    mov  r1, sp
    ldr  r6, [sp, #MULTS]
    ldr  r5, [sp, #Y]
    ldr  r7, [sp, #ROUNDING]
    mov  r12, r7
    ldr  r7, [sp, #ACT_MIN]
    mov  r10, r7
    ldr  r7, [sp, #ACT_MAX]
    mov  r9, r7
    ldr  r7, [sp, #SHIFT]
    mov  lr, r7
.Loutput:
    ldmia r1!, {r0}
    mov  r11, r1
    ldmia r6!, {r3}
    uxth r7, r3
    lsrs r4, r3, #16
    mov  r1, lr
    lsls r0, r0, r1
    EW_SCALE r0, r3, r7, r4, r12, r1, r2
    EW_CLAMP r0, r10, r9
    strb r0, [r5]
    adds r5, r5, #1
    mov  r1, r11
    cmp  r1, r8
    bne  .Loutput
    str  r5, [sp, #Y]
    ldr  r1, [sp, #W]
    ldr  r2, [sp, #Y_END]
    cmp  r5, r2
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
    .size ew_fc8_w4__thumb1, . - ew_fc8_w4__thumb1
