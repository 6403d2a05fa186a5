/* SPDX-License-Identifier: Apache-2.0 */
/* line_mailbox.h: the runner's bytes through memory that a debug probe reads and writes: no UART, no pins, no clock.
 *
 * Two rings, each written by one side and read by the other. Counts only grow, modulo 2^32; a ring is empty when its
 * two counts are equal. The host finds `ew_mailbox` by its name in the ELF. */
#ifndef EW_LINE_MAILBOX_H
#define EW_LINE_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

/* What the host puts into the last retained word to be talked to like this, and resets the board. */
#define EW_LINE_MAILBOX_OFFER 0x0FF34EDBu

/* Set last, when the rest is valid. */
#define EW_MAILBOX_MAGIC 0x4D41494Cu

typedef struct {
    uint32_t magic;
    uint32_t ring_bytes; /* of each ring, a power of two */
    uint8_t *to_board, *to_host;
    uint32_t host_written, board_taken; /* of to_board */
    uint32_t board_written, host_taken; /* of to_host */
} ew_mailbox_t;

extern volatile ew_mailbox_t ew_mailbox;

void ew_line_mailbox_start(void);

/* The next byte, waiting for it: a probe's write wakes no core, so this does not sleep. */
int ew_line_mailbox_read(void);

/* Waits while the ring is full. */
void ew_line_mailbox_write(const uint8_t *bytes, size_t count);

/* Waits until the host has taken all of it, as a reset clears the rings. */
void ew_line_mailbox_flush(void);

#endif
