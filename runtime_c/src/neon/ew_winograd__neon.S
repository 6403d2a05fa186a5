/* SPDX-License-Identifier: Apache-2.0 */
/* ew_winograd__neon.S: products of a Winograd convolution: tiles times eight outputs, at each of 36 positions.
 *
 *   x0  weights [36][8 * octets][8 outputs] int16      v8 - v15   weights of eight inputs
 *   x1  inputs  [36][octets][tiles][8] int16           v0 - v7    eight inputs of each tile
 *   x2  sums    [36][tiles][8 outputs] int32           v16 - v31  sums, two vectors to a tile
 *   x3  octets of inputs                               x4, x5     counters
 */

#include "advsimd/ew_assembly_a64.inc"
    .altmacro

.macro _START t, i, w, low, high
    smull   v\low\().4s, v\w\().4h, v\t\().h[\i]
    smull2  v\high\().4s, v\w\().8h, v\t\().h[\i]
.endm
.macro _ADD t, i, w, low, high
    smlal   v\low\().4s, v\w\().4h, v\t\().h[\i]
    smlal2  v\high\().4s, v\w\().8h, v\t\().h[\i]
.endm

/* One input of every tile. */
.macro INPUT tiles, what, i
    .irp t, 0, 1, 2, 3, 4, 5, 6, 7
    .if \t < \tiles
    \what   \t, \i, %(8 + \i), %(16 + 2 * \t), %(17 + 2 * \t)
    .endif
    .endr
.endm

/* Eight inputs; \first: what is done with the first of them. */
.macro OCTET tiles, first
    ld1     {v0.8h, v1.8h, v2.8h, v3.8h}, [x1], #64
    .if \tiles == 8
    ld1     {v4.8h, v5.8h, v6.8h, v7.8h}, [x1], #64
    .endif
    ld1     {v8.8h, v9.8h, v10.8h, v11.8h}, [x0], #64
    ld1     {v12.8h, v13.8h, v14.8h, v15.8h}, [x0], #64
    INPUT   \tiles, \first, 0
    .irp i, 1, 2, 3, 4, 5, 6, 7
    INPUT   \tiles, _ADD, \i
    .endr
.endm

.macro FUNCTION name, tiles
    .section .text.\name, "ax", %progbits
    .balign 16
    .global \name
    .type \name, %function
\name:
    SAVE_VECTORS
    mov     x4, #36
1:
    OCTET   \tiles, _START
    subs    x5, x3, #1
    b.eq    3f
2:
    OCTET   \tiles, _ADD
    subs    x5, x5, #1
    b.ne    2b
3:
    st1     {v16.4s, v17.4s, v18.4s, v19.4s}, [x2], #64
    st1     {v20.4s, v21.4s, v22.4s, v23.4s}, [x2], #64
    .if \tiles == 8
    st1     {v24.4s, v25.4s, v26.4s, v27.4s}, [x2], #64
    st1     {v28.4s, v29.4s, v30.4s, v31.4s}, [x2], #64
    .endif
    subs    x4, x4, #1
    b.ne    1b
    RETURN_WITH_VECTORS
    .size \name, . - \name
.endm

/* void ew_winograd_8__neon(const int16_t *u, const int16_t *v, uint32_t *m, uint64_t octets), and of four tiles.
 * stack: 64 bytes */
    FUNCTION ew_winograd_8__neon, 8
    FUNCTION ew_winograd_4__neon, 4

    .section .note.GNU-stack, "", %progbits
