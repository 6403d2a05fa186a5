/* SPDX-License-Identifier: Apache-2.0 */
/* ew_widen_px4__dsp.S: the windows of four pixels as the int16 pairs that ew_gemm_px4__dsp multiplies.
 *
 * void ew_widen_px4__dsp(const ew_windows__dsp_t *windows, uint32_t *d, int16_t *rest)
 *   For each run, each whole group of four bytes of the four pixels becomes two K pairs at d, [2][4 pixels] words;
 *   the bytes left over of each run go to the halfwords from `rest` on, in the order of ew_gemm__dsp.h.
 *
 * Registers: r0-r3 where the pixels are read, r4-r7 their bytes, r8-r11 widened, r12 d, lr groups left.
 * Stack slots: the fields of ew_windows__dsp_t behind the pointers, and `rest`: */
#define SLOT_GROUPS 0
#define SLOT_LEFT   4  /* bytes left over of a run */
#define SLOT_RUNS   8  /* with the skip behind it for LDRD */
#define SLOT_SKIP   12
#define SLOT_REST   16

#include "ew_assembly__dsp.inc"
    .section .text.ew_widen_px4__dsp, "ax", %progbits

    FUNCTION ew_widen_px4__dsp /* stack: 56 bytes */
    push    {r4-r11, lr}
    mov     r12, r1
    mov     r8, r2
    ldm     r0, {r0-r7}
    push    {r4-r8}
.Lrun:
    ldr     lr, [sp, #SLOT_GROUPS]
    cmp     lr, #0
    beq     .Lleft
.Lgroup:
    ldr     r4, [r0], #4
    ldr     r5, [r1], #4
    ldr     r6, [r2], #4
    ldr     r7, [r3], #4
    sxtb16  r8, r4
    sxtb16  r9, r5
    sxtb16  r10, r6
    sxtb16  r11, r7
    stm     r12!, {r8-r11}
    sxtb16  r8, r4, ror #8
    sxtb16  r9, r5, ror #8
    sxtb16  r10, r6, ror #8
    sxtb16  r11, r7, ror #8
    subs    lr, #1
    stm     r12!, {r8-r11}
    bne     .Lgroup
.Lleft:
    ldr     lr, [sp, #SLOT_LEFT]
    cmp     lr, #0
    beq     .Lnext
    ldr     r8, [sp, #SLOT_REST]
1:  ldrsb   r4, [r0], #1
    ldrsb   r5, [r1], #1
    ldrsb   r6, [r2], #1
    ldrsb   r7, [r3], #1
    strh    r5, [r8, #4]
    strh    r6, [r8, #8]
    strh    r7, [r8, #12]
    strh    r4, [r8], #2
    tst     r8, #2 /* both halves of the four words are full: on to the next four */
    it      eq
    addeq   r8, #12
    subs    lr, #1
    bne     1b
    str     r8, [sp, #SLOT_REST]
.Lnext:
    LOAD_TWO r4, r5, sp, SLOT_RUNS
    subs    r4, #1
    beq     .Ldone
    str     r4, [sp, #SLOT_RUNS]
    add     r0, r5
    add     r1, r5
    add     r2, r5
    add     r3, r5
    b       .Lrun
.Ldone:
    add     sp, #20
    pop     {r4-r11, pc}
    .size   ew_widen_px4__dsp, . - ew_widen_px4__dsp
