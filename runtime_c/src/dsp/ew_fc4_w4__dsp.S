/* SPDX-License-Identifier: Apache-2.0 */
/* ew_fc4_w4__dsp.S: 4-bit weights times one input row, four outputs at a time.
 *
 * void ew_fc4_w4__dsp(const ew_fc4_w4__dsp_t *f)
 *   The records from f->w to f->w_end; ew_gemm_w4_px4__dsp.S describes them and the arithmetic. K pairs: a multiple of 4.
 *
 * Registers: r0 a, r1 record, r2-r5 accumulators, r6-r9 values, r10-r12 lr words.
 * Stack slots: */
#define SLOT_OUT   0 /* with the zero point behind it for LDRD */
#define SLOT_A     8 /* with SLOT_END behind it for LDRD */
#define SLOT_END   12
#define SLOT_A_END 16
#define SLOT_SHIFT 20
#define SLOT_A8    24
#define SLOT_ENTRY 28
#define FRAME      32

#define UNROLL     8 /* fours of K pairs */
#define FOUR_BYTES (8 + 4 * (PRODUCT_BYTES - 16))

#include "ew_assembly__dsp.inc"
#include "ew_nibbles__dsp.inc"

/* Two K pairs, one's unpacking beside the other's products. */
    .macro PRODUCTS value0, word0, value1, word1
    smlad   r5, \value0, \word0, r5
    KEEP_THREE \word0
    smlad   r5, \value1, \word1, r5
    KEEP_THREE \word1
    smlad   r4, \value0, \word0, r4
    uxtb16  \word0, \word0
    smlad   r4, \value1, \word1, r4
    uxtb16  \word1, \word1
    smlad   r3, \value0, \word0, r3
    KEEP_ONE \word0
    smlad   r3, \value1, \word1, r3
    KEEP_ONE \word1
    smlad   r2, \value0, \word0, r2
    smlad   r2, \value1, \word1, r2
    .endm

    FUNCTION ew_fc4_w4__dsp /* stack: 68 bytes */
    push    {r4-r11, lr}
    sub     sp, #FRAME
    ldm     r0, {r1-r8} /* w, out, zero, a, w_end, a_end, shift, a8 */
    sub     r10, r6, r4
    lsr     r10, r10, #4
    rsb     r10, r10, #0
    and     r10, r10, #(UNROLL - 1) /* fours to skip in the first round */
    movs    r11, #FOUR_BYTES
    CODE_ADDRESS r12, .Lfours + CODE_STATE
    mla     r9, r10, r11, r12
    stm     sp, {r2-r9}
.Lrecord:
    ldm     r1!, {r2-r5}
    ldr     r0, [sp, #SLOT_A]
    ldr     pc, [sp, #SLOT_ENTRY]
    .balign 4
.Lfours:
    .rept   UNROLL
    ldm     r0!, {r6-r9}
    ldm     r1!, {r10, r11, r12, lr}
    PRODUCTS r6, r10, r7, r11
    PRODUCTS r8, r12, r9, lr
    .endr
.Lfours_end:
    .if     .Lfours_end - .Lfours != UNROLL * FOUR_BYTES
    .error  "a four is not FOUR_BYTES long"
    .endif
    ldr     r6, [sp, #SLOT_A_END]
    cmp     r0, r6
    bne     .Lfours
    LOAD_TWO r7, r6, sp, SLOT_SHIFT
    SEPARATE r2, r3, r4, r5, r6
    BRANCH_IF_ZERO r7, 1f
    lsl     r2, r2, r7
    lsl     r3, r3, r7
    lsl     r4, r4, r7
    lsl     r5, r5, r7
1:  ldm     r1!, {r10, r11, r12, lr}
    LOAD_TWO r6, r7, sp, SLOT_OUT
    smmlar  r2, r2, r10, r7
    smmlar  r3, r3, r11, r7
    smmlar  r4, r4, r12, r7
    smmlar  r5, r5, lr, r7
    ssat    r2, #8, r2
    ssat    r3, #8, r3
    ssat    r4, #8, r4
    ssat    r5, #8, r5
    strb    r2, [r6], #1
    strb    r3, [r6], #1
    strb    r4, [r6], #1
    strb    r5, [r6], #1
    str     r6, [sp, #SLOT_OUT]
    ldr     r8, [sp, #SLOT_END]
    cmp     r1, r8
    bne     .Lrecord
    add     sp, #FRAME
    pop     {r4-r11, pc}
    .size   ew_fc4_w4__dsp, . - ew_fc4_w4__dsp
