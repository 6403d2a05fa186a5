/* SPDX-License-Identifier: Apache-2.0 */
/* port_cortex_m.c: the runner's port for a bare Cortex-M: on its UART, through the files of an
 * emulator, or through memory that a debug probe reaches. */
#include "port_cortex_m.h"

#include "board.h"
#include "clock_cortex_m.h"
#include "cortex_m.h"
#include "ew_port.h"
#include "guard.h"
#include "line_emulator.h"
#include "line_mailbox.h"
#include "line_uart.h"

#define PAINT 0xC0DEC0DEu

/* Survives a reset: the linker script keeps these words at the top of RAM, outside every section. */
#define RETAINED_MAGIC 0x600DB007u
#define RETAINED_ASKED 0xA5CEDB07u
enum { MAGIC, BOOT_COUNT, ASKED, OFFER };

static enum { ON_UART, ON_EMULATOR, ON_MAILBOX } line;
static int poll_only;
static uint32_t boot_count, reset_cause, time_unit;
static uint32_t *lowest_stack;

static uint32_t *lowest_painted(void)
{
    uint32_t *at = ew_stack_limit;
    while (at < ew_stack_top && *at == PAINT) {
        at++;
    }
    return at;
}

/* Fills the free part of the stack; what was used before is remembered. */
static void paint_stack(void)
{
    uint32_t *const used = lowest_painted();
    if (used < lowest_stack) {
        lowest_stack = used;
    }
    /* This frame may keep data just below its stack pointer while it is a leaf. */
    for (uint32_t *at = cm_stack_pointer() - 8; at >= ew_stack_limit; at--) {
        *at = PAINT;
    }
}

static void count_boot(void)
{
    if (ew_retained[MAGIC] != RETAINED_MAGIC) {
        ew_retained[MAGIC] = RETAINED_MAGIC;
        ew_retained[BOOT_COUNT] = 0;
        reset_cause = EW_RESET_POWER_ON;
    } else {
        reset_cause = ew_retained[ASKED] == RETAINED_ASKED ? EW_RESET_REQUESTED : EW_RESET_UNEXPECTED;
    }
    ew_retained[ASKED] = 0;
    boot_count = ++ew_retained[BOOT_COUNT];
}

void ew_port_start(void)
{
    ew_guard_start();
    ew_board_setup();
    count_boot();
    lowest_stack = cm_stack_pointer();
    ew_stack_limit[0] = 0; /* nothing is painted yet */
    paint_stack();
    lowest_stack = cm_stack_pointer();
    time_unit = ew_clock_start();
    if (ew_retained[OFFER] == EW_LINE_MAILBOX_OFFER) {
        line = ON_MAILBOX;
        ew_line_mailbox_start();
    } else if (ew_retained[OFFER] == EW_LINE_EMULATOR_OFFER && ew_line_emulator_start()) {
        line = ON_EMULATOR;
    } else {
        ew_line_uart_start();
    }
}

void ew_port_poll_only(void)
{
    poll_only = 1;
}

int ew_port_read(void)
{
    if (line == ON_MAILBOX) {
        return ew_line_mailbox_read();
    }
    return line == ON_EMULATOR ? ew_line_emulator_read() : ew_line_uart_read(poll_only);
}

void ew_port_write(const uint8_t *bytes, size_t count)
{
    if (line == ON_MAILBOX) {
        ew_line_mailbox_write(bytes, count);
    } else if (line == ON_EMULATOR) {
        ew_line_emulator_write(bytes, count);
    } else {
        ew_line_uart_write(bytes, count);
    }
}

int ew_port_measure(int (*run)(void), ew_cost_t *cost)
{
    paint_stack();
    if (line == ON_UART) {
        ew_line_uart_pause();
    }
    const uint32_t start = ew_clock_cycles();
    const int status = run();
    cost->time = ew_clock_cycles() - start;
    if (line == ON_UART) {
        ew_line_uart_resume();
    }
    const uint32_t *const top = cm_stack_pointer();
    const uint32_t *const used = lowest_painted();
    cost->stack_bytes = used < top ? (uint32_t)((uintptr_t)top - (uintptr_t)used) : 0;
    return status;
}

uint32_t ew_port_time(void)
{
    return ew_clock_cycles();
}

void ew_port_deadline(uint32_t milliseconds)
{
    ew_clock_deadline(milliseconds);
}

void ew_port_status(ew_port_status_t *status)
{
    const uint32_t *used = lowest_painted();
    if (lowest_stack < used) {
        used = lowest_stack;
    }
    status->boot_count = boot_count;
    status->reset_cause = reset_cause;
    status->time_unit = time_unit;
    status->stack_bytes = (uint32_t)((uintptr_t)ew_stack_top - (uintptr_t)ew_stack_limit);
    status->stack_used_bytes = (uint32_t)((uintptr_t)ew_stack_top - (uintptr_t)used);
    status->bytes_lost = line == ON_UART ? ew_line_uart_lost() : 0;
}

void ew_port_reset(void)
{
    if (line == ON_MAILBOX) {
        ew_line_mailbox_flush();
    }
    ew_retained[ASKED] = RETAINED_ASKED;
    cm_request_reset();
}
