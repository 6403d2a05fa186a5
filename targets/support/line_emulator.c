/* SPDX-License-Identifier: Apache-2.0 */
/* Source: Arm Semihosting for AArch32 and AArch64, release 2.0. */
#include "line_emulator.h"

#define SYS_OPEN   0x01u
#define SYS_WRITE  0x05u
#define SYS_READ   0x06u
#define MODE_READ  0u
#define MODE_WRITE 4u

#define BUFFER_BYTES EW_LINE_BUFFER_BYTES
uint8_t ew_line_buffers[2][EW_LINE_BUFFER_BYTES];
static uint8_t *const received = ew_line_buffers[0], *const pending = ew_line_buffers[1];
static uint32_t received_count, received_next, pending_count;
static uint32_t input, output;

static uint32_t semihost(uint32_t operation, const uint32_t *arguments)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const uint32_t *r1 __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static uint32_t open_file(const char *name, uint32_t name_bytes, uint32_t mode)
{
    const uint32_t arguments[3] = {(uint32_t)(uintptr_t)name, mode, name_bytes};
    return semihost(SYS_OPEN, arguments);
}

int ew_line_emulator_start(void)
{
    input = open_file("ew_in", 5, MODE_READ);
    output = open_file("ew_out", 6, MODE_WRITE);
    return input != 0xFFFFFFFFu && output != 0xFFFFFFFFu;
}

int ew_line_emulator_read(void)
{
    if (received_next == received_count) {
        const uint32_t arguments[3] = {input, (uint32_t)(uintptr_t)received, BUFFER_BYTES};
        const uint32_t missing = semihost(SYS_READ, arguments);
        if (missing >= BUFFER_BYTES) {
            return -1;
        }
        received_count = BUFFER_BYTES - missing;
        received_next = 0;
    }
    return received[received_next++];
}

void ew_line_emulator_write(const uint8_t *bytes, size_t count)
{
    while (count--) {
        pending[pending_count++] = *bytes;
        if ((*bytes++ == 0 && pending_count > 1) || pending_count == BUFFER_BYTES) {
            const uint32_t arguments[3] = {output, (uint32_t)(uintptr_t)pending, pending_count};
            semihost(SYS_WRITE, arguments);
            pending_count = 0;
        }
    }
}
