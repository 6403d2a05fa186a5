/* SPDX-License-Identifier: Apache-2.0 */
/* ew_interleave__sdot.S: ew_depthwise__sdot.h has the contract. */

    .arch armv8.2-a+dotprod
    .text

/* x0-x3: rows, x4: to, x5: n. */
    .global ew_interleave__sdot
    .type ew_interleave__sdot, %function
    .balign 16
ew_interleave__sdot:
    subs x5, x5, #32
    b.lo .Lsixteen
.Lthirtytwo:
    ldp  q0, q4, [x0], #32
    ldp  q1, q5, [x1], #32
    ldp  q2, q6, [x2], #32
    ldp  q3, q7, [x3], #32
    subs x5, x5, #32
    st4  {v0.16b-v3.16b}, [x4], #64
    st4  {v4.16b-v7.16b}, [x4], #64
    b.hs .Lthirtytwo
.Lsixteen:
    tbz  x5, #4, .Lrest         /* x5 is 32 less than what is left */
    ldr  q0, [x0], #16
    ldr  q1, [x1], #16
    ldr  q2, [x2], #16
    ldr  q3, [x3], #16
    st4  {v0.16b-v3.16b}, [x4], #64
.Lrest:
    ands x5, x5, #15
    b.eq .Ldone
    sub  x5, x5, #16            /* back to the last sixteen columns */
    add  x4, x4, x5, lsl #2
    ldr  q0, [x0, x5]
    ldr  q1, [x1, x5]
    ldr  q2, [x2, x5]
    ldr  q3, [x3, x5]
    st4  {v0.16b-v3.16b}, [x4]
.Ldone:
    ret
    .size ew_interleave__sdot, . - ew_interleave__sdot
    .section .note.GNU-stack, "", %progbits
