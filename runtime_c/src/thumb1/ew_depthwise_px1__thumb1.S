/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_px1__thumb1.S: ew_cores__thumb1.h has the contract. 4.5 instructions for each tap of one channel. */
#include "ew_requantize__thumb1.inc"

    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .text

/* Stack frame. */
    .equ ENTRY, 0
    .equ PAIRS, 4
    .equ ACT_MIN, 8
    .equ FRAME, 12

/* acc += x * w of two taps; r4: channel, r5: taps, r6: acc. */
.macro TWO_TAPS
    ldmia r5!, {r0-r3}
    ldrsb r0, [r0, r4]
    ldrsb r1, [r1, r4]
    muls r0, r1, r0
    adds r6, r6, r0
    ldrsb r2, [r2, r4]
    ldrsb r3, [r3, r4]
    muls r2, r3, r2
    adds r6, r6, r2
.endm

.macro ONE_TAP
    ldmia r5!, {r0, r1}
    ldrsb r0, [r0, r4]
    ldrsb r1, [r1, r4]
    muls r0, r1, r0
    adds r6, r6, r0
.endm

    .global ew_depthwise_px1__thumb1
    .type ew_depthwise_px1__thumb1, %function
    .balign 4
    .thumb_func
ew_depthwise_px1__thumb1:
    push {r4-r7, lr}
    mov  r4, r8
    mov  r5, r9
    mov  r6, r10
    mov  r7, r11
    push {r4-r7}
    sub  sp, #FRAME
    ldmia r0!, {r1, r2, r7}     /* taps, taps_end, params */
    mov  lr, r1
    mov  r8, r2
    ldmia r0!, {r3-r6}          /* y, channels, rounding, act_min */
    mov  r9, r3
    mov  r10, r4
    mov  r11, r5
    str  r6, [sp, #ACT_MIN]
    ldr  r3, [r0]
    mov  r12, r3                /* act_max */
    subs r2, r2, r1             /* 8 bytes for each tap */
    adr  r0, .Lnine
    cmp  r2, #72
    beq  .Lentry
    adr  r0, .Lpairs
    adds r0, r0, #1
    str  r0, [sp, #PAIRS]
    subs r0, r0, #1
    lsrs r1, r2, #4             /* carry: an odd tap */
    bcc  .Lentry
    adr  r0, .Lodd
    cmp  r1, #0
    bne  .Lentry
    adr  r1, .Lscale
    adds r1, r1, #1
    str  r1, [sp, #PAIRS]
.Lentry:
    adds r0, r0, #1
    str  r0, [sp, #ENTRY]
    movs r4, #0

.Lchannel:
    ldmia r7!, {r6}             /* bias */
    mov  r5, lr
    ldr  r0, [sp, #ENTRY]
    bx   r0

    .balign 4
.Lodd:
    ONE_TAP
    ldr  r0, [sp, #PAIRS]
    bx   r0
    .balign 4
.Lpairs:
    TWO_TAPS
    cmp  r5, r8
    bne  .Lpairs
    b    .Lscale

    .balign 4
.Lnine:                         /* a 3 x 3 window */
    TWO_TAPS
    TWO_TAPS
    TWO_TAPS
    TWO_TAPS
    ONE_TAP

    .balign 4
.Lscale:
    ldmia r7!, {r1}             /* mult */
    uxth r3, r1
    lsrs r5, r1, #16
    EW_SCALE r6, r1, r3, r5, r11, r0, r2
    ldr  r0, [sp, #ACT_MIN]
    EW_CLAMP r6, r0, r12
    mov  r1, r9
    strb r6, [r1, r4]
    adds r4, r4, #1
    cmp  r4, r10
    bne  .Lchannel

    add  sp, #FRAME
    pop  {r4-r7}
    mov  r8, r4
    mov  r9, r5
    mov  r10, r6
    mov  r11, r7
    pop  {r4-r7, pc}
    .size ew_depthwise_px1__thumb1, . - ew_depthwise_px1__thumb1
