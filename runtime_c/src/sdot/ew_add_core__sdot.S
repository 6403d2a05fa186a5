/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_core__sdot.S: ew_add_sixteens__sdot; ew_add_s8__sdot.c has the contract.
 *
 * TBL puts a byte on top of a lane: SQRDMLAH then adds 2 * (a * 2^24) * (mult * 2^7) / 2^32 = a * mult.
 *
 * v0-v3 sums, v4-v5 inputs, v6-v9 and v16-v19 their lanes, v20-v23 where the bytes of four lanes are, v24-v25
 * multipliers, v26 shift, v27-v28 limits.
 */

    .arch armv8.2-a+dotprod
    .text

/* Offsets in ew_add__sdot_t. */
    .equ PLACES, 64
    .equ MULTS, 128
    .equ LIMITS, 160
    .equ SHIFT, 192

/* x0: ew_add__sdot_t, x1: a, x2: b, x3: y, x4: n. */
    .global ew_add_sixteens__sdot
    .type ew_add_sixteens__sdot, %function
    .balign 16
ew_add_sixteens__sdot:
    stp  d8, d9, [sp, #-16]!
    add  x5, x0, #PLACES
    ld1  {v20.16b-v23.16b}, [x5]
    ldp  q24, q25, [x0, #MULTS]
    ldp  q27, q28, [x0, #LIMITS]
    ldr  q26, [x0, #SHIFT]
1:  ld1  {v4.16b}, [x1], #16
    ld1  {v5.16b}, [x2], #16
    ld1  {v0.4s-v3.4s}, [x0]    /* the offset */
    tbl  v6.16b, {v4.16b}, v20.16b
    tbl  v7.16b, {v4.16b}, v21.16b
    tbl  v8.16b, {v4.16b}, v22.16b
    tbl  v9.16b, {v4.16b}, v23.16b
    tbl  v16.16b, {v5.16b}, v20.16b
    tbl  v17.16b, {v5.16b}, v21.16b
    tbl  v18.16b, {v5.16b}, v22.16b
    tbl  v19.16b, {v5.16b}, v23.16b
    sqrdmlah v0.4s, v6.4s, v24.4s
    sqrdmlah v1.4s, v7.4s, v24.4s
    sqrdmlah v2.4s, v8.4s, v24.4s
    sqrdmlah v3.4s, v9.4s, v24.4s
    sqrdmlah v0.4s, v16.4s, v25.4s
    sqrdmlah v1.4s, v17.4s, v25.4s
    sqrdmlah v2.4s, v18.4s, v25.4s
    sqrdmlah v3.4s, v19.4s, v25.4s
    uzp2 v0.8h, v0.8h, v1.8h    /* >> 16 */
    uzp2 v2.8h, v2.8h, v3.8h
    sshl v0.8h, v0.8h, v26.8h
    sshl v2.8h, v2.8h, v26.8h
    sqxtn v0.8b, v0.8h
    sqxtn2 v0.16b, v2.8h
    smax v0.16b, v0.16b, v27.16b
    smin v0.16b, v0.16b, v28.16b
    subs x4, x4, #16
    st1  {v0.16b}, [x3], #16
    b.ne 1b
    ldp  d8, d9, [sp], #16
    ret
    .size ew_add_sixteens__sdot, . - ew_add_sixteens__sdot
    .section .note.GNU-stack, "", %progbits
