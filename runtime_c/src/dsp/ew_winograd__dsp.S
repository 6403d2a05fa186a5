/* SPDX-License-Identifier: Apache-2.0 */
/* ew_winograd__dsp.S: the three steps of the exact integer Winograd convolution for four tiles beside each other.
 *
 * void ew_winograd_input__dsp(const int8_t *x, int32_t row_bytes, int32_t px_bytes, uint32_t *v)
 *   V = B^T d B of the four tiles and a K pair, the channels at x[0] and x[2]: v [16 positions][4 tiles] words of two
 *   int16. Reads 4 rows of 10 pixels, of each the bytes x[0] to x[3].
 * void ew_winograd_gemm__dsp(const uint32_t *v, const uint32_t *u, int32_t *m, const ew_winograd__dsp_t *s)
 *   m[p][o][t] = sum over k of u[p][k][o] * v[k][p][t], for 16 positions p, 2 output channels o, 4 tiles t.
 *   v [kpairs][16][4 tiles] words, u [16][kpairs][2 channels] words. Sums are modulo 2^32.
 * uint32_t ew_winograd_entry__dsp(uint32_t kpairs)
 *   The value of s->entry for that many K pairs (1 or more).
 * void ew_winograd_output__dsp(const int32_t *m, int8_t *y, const ew_winograd_output__dsp_t *s)
 *   2 x 2 outputs of each of the four tiles and one channel: saturate_s8(zero + round((A^T m A >> 2) * mult / 2^32)).
 *   s->bias, 4 times the bias, is added to position (1, 1), which counts in all four outputs. */
#include "ew_assembly__dsp.inc"

/* ---- input: r0 x, r4-r7 and r8-r11 the last two columns of B^T d, r12 v, others a new column ---- */
#define SLOT_ROW     0 /* bytes from a row to the next, with three times that behind it for LDRD */
#define SLOT_PX      8 /* with the end of v's first position behind it for LDRD */
#define SLOT_V_END   12
#define POSITION     16 /* bytes of four tiles */

    .section .text.ew_winograd_input__dsp, "ax", %progbits

/* The column at r0: d0 to d3 in lr, r2, r3, r1; r0 goes to the next one. */
    .macro LOAD_COLUMN
    LOAD_TWO r2, r1, sp, SLOT_ROW
    ldr     lr, [r0]
    ldr     r3, [r0, r2, lsl #1]
    ldr     r2, [r0, r2]
    ldr     r1, [r0, r1]
    sxtb16  lr, lr
    sxtb16  r3, r3
    sxtb16  r2, r2
    sxtb16  r1, r1
    .endm

    .macro NEXT_COLUMN scratch
    ldr     \scratch, [sp, #SLOT_PX]
    add     r0, \scratch
    .endm

/* B^T of the column at r0. */
    .macro FIRST_COLUMN a, b, c, d
    LOAD_COLUMN
    ssub16  \a, lr, r3
    sadd16  \b, r2, r3
    ssub16  \c, r3, r2
    ssub16  \d, r2, r1
    NEXT_COLUMN lr
    .endm

/* Row \i of V, positions 0 to 2, from the columns \old, \last and \new; \new takes the place of \old. */
    .macro THREE_POSITIONS i, old, last, new
    ssub16  \old, \old, \new
    str     \old, [r12, #(4 * \i * POSITION)]
    sadd16  \old, \last, \new
    str     \old, [r12, #((4 * \i + 1) * POSITION)]
    ssub16  \old, \new, \last
    str     \old, [r12, #((4 * \i + 2) * POSITION)]
    mov     \old, \new
    .endm

    .macro LAST_POSITION i, old, new
    ssub16  \old, \old, \new
    str     \old, [r12, #((4 * \i + 3) * POSITION)]
    mov     \old, \new
    .endm

    FUNCTION ew_winograd_input__dsp /* stack: 52 bytes */
    push    {r4-r11, lr}
    mov     r12, r3
    add     r4, r3, #POSITION
    mov     r3, r2
    add     r2, r1, r1, lsl #1
    push    {r1-r4}
    FIRST_COLUMN r4, r5, r6, r7
    FIRST_COLUMN r8, r9, r10, r11
.Ltile:
    LOAD_COLUMN
    ssub16  lr, lr, r3
    ssub16  r1, r2, r1
    THREE_POSITIONS 0, r4, r8, lr
    sadd16  lr, r2, r3
    ssub16  r3, r3, r2
    THREE_POSITIONS 1, r5, r9, lr
    THREE_POSITIONS 2, r6, r10, r3
    THREE_POSITIONS 3, r7, r11, r1
    NEXT_COLUMN lr
    LOAD_COLUMN
    ssub16  lr, lr, r3
    ssub16  r1, r2, r1
    LAST_POSITION 0, r8, lr
    sadd16  lr, r2, r3
    ssub16  r3, r3, r2
    LAST_POSITION 1, r9, lr
    LAST_POSITION 2, r10, r3
    LAST_POSITION 3, r11, r1
    LOAD_TWO lr, r1, sp, SLOT_PX
    add     r12, #4
    add     r0, lr
    cmp     r12, r1
    bne     .Ltile
    add     sp, #16
    pop     {r4-r11, pc}
    .size   ew_winograd_input__dsp, . - ew_winograd_input__dsp

/* ---- products: r0 v, r1 u, r2-r5 sums of channel 0, r6-r9 of channel 1, r10 r11 weights, r12 lr values ---- */
#define SLOT_M        0
#define SLOT_ENTRY    4
#define SLOT_LAST_END 8  /* of the last position */
#define SLOT_END      12 /* of a position; with SLOT_BACK behind it for LDRD */
#define SLOT_BACK     16 /* from the end of a position to the beginning of the next */
#define FRAME_BYTES   20
#define KPAIR_STEP    256
#define UNROLL        8
#ifdef __thumb2__
#define KPAIR_BYTES   44
#else
#define KPAIR_BYTES   48
#endif

    .section .text.ew_winograd_gemm__dsp, "ax", %progbits

/* A K pair of two tiles. */
    .macro PRODUCTS acc0, next0, acc1, next1
    smlad   \acc0, r12, r10, \acc0
    smlad   \next0, lr, r10, \next0
    smlad   \acc1, r12, r11, \acc1
    smlad   \next1, lr, r11, \next1
    .endm

/* A32 loads r12 and lr together only by LDM. */
    .macro KPAIR
    LOAD_TWO_NEXT r10, r11, r1
#ifdef __thumb2__
    ldrd    r12, lr, [r0, #8]
    PRODUCTS r4, r5, r8, r9
    ldrd    r12, lr, [r0], #KPAIR_STEP
    PRODUCTS r2, r3, r6, r7
#else
    ldm     r0!, {r12, lr}
    PRODUCTS r2, r3, r6, r7
    LOAD_TWO_STEP r12, lr, r0, KPAIR_STEP - 8
    PRODUCTS r4, r5, r8, r9
#endif
    .endm

    FUNCTION ew_winograd_gemm__dsp /* stack: 56 bytes */
    push    {r4-r11, lr}
    LOAD_TWO r3, r6, r3, 0 /* entry, bytes of v */
    add     r5, r0, r6
    add     r4, r5, #(15 * POSITION)
    sub     r6, r6, #POSITION
    push    {r2-r6}
.Lposition:
    LOAD_TWO_NEXT r10, r11, r1
    LOAD_TWO r12, lr, r0, 8
    smuad   r4, r12, r10
    smuad   r5, lr, r10
    smuad   r8, r12, r11
    smuad   r9, lr, r11
    LOAD_TWO_STEP r12, lr, r0, KPAIR_STEP
    smuad   r2, r12, r10
    smuad   r3, lr, r10
    smuad   r6, r12, r11
    smuad   r7, lr, r11
    ldr     pc, [sp, #SLOT_ENTRY]
    .balign 4
.Lloop:
    .rept   UNROLL
    KPAIR
    .endr
.Lloop_end:
    .if     .Lloop_end - .Lloop != UNROLL * KPAIR_BYTES
    .error  "the code of a K pair has another length"
    .endif
    ldr     r12, [sp, #SLOT_END]
    cmp     r0, r12
    bne     .Lloop
.Lfinish:
    ldr     r12, [sp, #SLOT_M]
    LOAD_TWO r10, r11, sp, SLOT_END
    stm     r12!, {r2-r9}
    ldr     lr, [sp, #SLOT_LAST_END]
    add     r10, #POSITION
    str     r12, [sp, #SLOT_M]
    str     r10, [sp, #SLOT_END]
    cmp     r0, lr
    sub     r0, r0, r11 /* keeps the flags */
    bne     .Lposition
    add     sp, #FRAME_BYTES
    pop     {r4-r11, pc}
    .size   ew_winograd_gemm__dsp, . - ew_winograd_gemm__dsp

    SYMBOL  ew_winograd_entry__dsp /* stack: 0 bytes */
    subs    r1, r0, #1 /* K pairs left to the loop */
    beq     1f
    rsb     r1, r1, #0
    and     r1, r1, #(UNROLL - 1) /* K pairs to skip in its first round */
    movs    r2, #KPAIR_BYTES
    CODE_ADDRESS r0, .Lloop
    mla     r0, r1, r2, r0
    adds    r0, #CODE_STATE
    bx      lr
1:  CODE_ADDRESS r0, .Lfinish
    adds    r0, #CODE_STATE
    bx      lr
    .size   ew_winograd_entry__dsp, . - ew_winograd_entry__dsp

/* ---- output: r0 m, r1 y, r2 r3 upper and r4 r5 lower outputs, r6-r9 a row of m, r10 zero point, r11 pixel step,
 *      r12 bias, lr mult ---- */
#define CHANNELS   32 /* bytes of a position: two channels of four tiles */
#define SLOT_COUNT 0 /* with the row step behind it for LDRD */

    .section .text.ew_winograd_output__dsp, "ax", %progbits

    .macro LOAD_M i
    ldr     r6, [r0, #((4 * \i) * CHANNELS)]
    ldr     r7, [r0, #((4 * \i + 1) * CHANNELS)]
    ldr     r8, [r0, #((4 * \i + 2) * CHANNELS)]
    ldr     r9, [r0, #((4 * \i + 3) * CHANNELS)]
    .endm

/* The row of m times A: left and right. */
    .macro ROW_TIMES_A left, right
    add     \left, r6, r7
    add     \left, \left, r8
    sub     \right, r7, r8
    sub     \right, \right, r9
    .endm

    .macro REQUANTIZE acc
    asr     \acc, \acc, #2
    smmlar  \acc, \acc, lr, r10
    ssat    \acc, #8, \acc
    .endm

    FUNCTION ew_winograd_output__dsp /* stack: 44 bytes */
    push    {r4-r11, lr}
    LOAD_TWO r12, lr, r2, 0 /* bias, mult */
    LOAD_TWO r10, r11, r2, 8 /* zero point, pixel step */
    ldr     r3, [r2, #16] /* row step */
    movs    r2, #4
    push    {r2, r3}
1:  LOAD_M  0
    ROW_TIMES_A r2, r3
    LOAD_M  1
    add     r7, r12
    ROW_TIMES_A r4, r5
    LOAD_M  2
    add     r2, r4
    add     r3, r5
    ROW_TIMES_A r6, r7
    add     r2, r6
    add     r3, r7
    sub     r4, r6
    sub     r5, r7
    LOAD_M  3
    ROW_TIMES_A r6, r7
    sub     r4, r6
    sub     r5, r7
    REQUANTIZE r2
    REQUANTIZE r3
    REQUANTIZE r4
    REQUANTIZE r5
    LOAD_TWO r6, r7, sp, SLOT_COUNT
    add     r7, r1
    strb    r2, [r1]
    strb    r3, [r1, r11]
    strb    r4, [r7]
    strb    r5, [r7, r11]
    add     r1, r1, r11, lsl #1
    adds    r0, #4
    subs    r6, #1
    str     r6, [sp, #SLOT_COUNT]
    bne     1b
    add     sp, #8
    pop     {r4-r11, pc}
    .size   ew_winograd_output__dsp, . - ew_winograd_output__dsp
