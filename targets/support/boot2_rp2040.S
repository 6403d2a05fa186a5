/* SPDX-License-Identifier: Apache-2.0 */
/* The first 256 bytes of an RP2040's flash. The boot ROM copies them to RAM and calls them when their checksum is right;
 * they make the flash readable in place by the command that every flash knows (03h, one bit at a time), and start the
 * program whose vectors follow.
 * Source: RP2040 Datasheet, sections 2.8.1.3 "Flash Second Stage" and 4.10 "SSI". */
    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .equ SSI, 0x18000000
    .equ CTRLR0, 0x00
    .equ CTRLR1, 0x04
    .equ SSIENR, 0x08
    .equ BAUDR, 0x14
    .equ SPI_CTRLR0, 0xF4
    .equ VECTORS, 0x10000100
    .equ VTOR, 0xE000ED08

    .section .boot, "ax", %progbits
    .global ew_boot2
    .type ew_boot2, %function
    .thumb_func
ew_boot2:
    ldr r0, =SSI
    movs r1, #0
    str r1, [r0, #SSIENR]
    movs r1, #4             /* an even divider of clk_sys: 31 MHz of 125 */
    str r1, [r0, #BAUDR]
    ldr r1, =0x001F0300     /* words of 32 bits; a read sends command and address first */
    str r1, [r0, #CTRLR0]
    movs r1, #0
    str r1, [r0, #CTRLR1]   /* one word a read */
    ldr r1, =0x03000218     /* command 03h of 8 bits, then an address of 24, all on one wire */
    ldr r2, =SSI + SPI_CTRLR0
    str r1, [r2]
    movs r1, #1
    str r1, [r0, #SSIENR]
    ldr r0, =VECTORS
    ldr r1, =VTOR
    str r0, [r1]
    ldm r0!, {r1, r2}
    msr msp, r1
    bx r2
    .ltorg
    .space 252 - (. - ew_boot2)
    /* CRC-32 of the bytes before: polynomial 0x04C11DB7, from all ones, not reflected. A test computes it again. */
    .word 0x6A98CD94
    .size ew_boot2, . - ew_boot2
