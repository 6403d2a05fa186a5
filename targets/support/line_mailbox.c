/* SPDX-License-Identifier: Apache-2.0 */
#include "line_mailbox.h"

#include "cortex_m.h"
#include "line_emulator.h"

#define RING_BYTES EW_LINE_BUFFER_BYTES /* a power of two */

volatile ew_mailbox_t ew_mailbox;

void ew_line_mailbox_start(void)
{
    ew_mailbox.ring_bytes = RING_BYTES;
    ew_mailbox.to_board = ew_line_buffers[0];
    ew_mailbox.to_host = ew_line_buffers[1];
    cm_barrier();
    ew_mailbox.magic = EW_MAILBOX_MAGIC;
}

int ew_line_mailbox_read(void)
{
    const uint32_t taken = ew_mailbox.board_taken;
    while (ew_mailbox.host_written == taken) {
    }
    cm_barrier();
    const uint8_t byte = ew_line_buffers[0][taken % RING_BYTES];
    cm_barrier();
    ew_mailbox.board_taken = taken + 1;
    return byte;
}

void ew_line_mailbox_write(const uint8_t *bytes, size_t count)
{
    uint32_t written = ew_mailbox.board_written;
    while (count--) {
        while (written - ew_mailbox.host_taken >= RING_BYTES) {
        }
        ew_line_buffers[1][written % RING_BYTES] = *bytes++;
        cm_barrier();
        ew_mailbox.board_written = ++written;
    }
}

void ew_line_mailbox_flush(void)
{
    while (ew_mailbox.host_taken != ew_mailbox.board_written) {
    }
}
