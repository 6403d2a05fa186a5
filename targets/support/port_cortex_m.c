/* SPDX-License-Identifier: Apache-2.0 */
/* port_cortex_m.c: the runner's port for a bare Cortex-M: on its UART, or on an emulator that offers files. */
#include "port_cortex_m.h"

#include "cortex_m.h"
#include "ew_port.h"
#include "line_emulator.h"
#include "line_uart.h"

#define PAINT 0xC0DEC0DEu

/* Survives a reset: the linker script keeps these words at the top of RAM, outside every section. */
#define RETAINED_MAGIC 0x600DB007u
#define RETAINED_ASKED 0xA5CEDB07u
enum { MAGIC, BOOT_COUNT, ASKED, OFFER };

static int poll_only, on_emulator;
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

#if CM_HAS_FAULT_STATUS
static void start_clock(void)
{
    EW_REGISTER(CM_DEMCR) |= 1u << 24;
    EW_REGISTER(CM_DWT_LAR) = 0xC5ACCE55u; /* Cortex-M7 locks it */
    EW_REGISTER(CM_DWT_CYCCNT) = 0;
    EW_REGISTER(CM_DWT_CTRL) |= 1u;
    const uint32_t before = ew_port_time();
    cm_barrier();
    time_unit = ew_port_time() != before ? EW_TIME_CYCLES : EW_TIME_NONE; /* emulators read zero */
}

uint32_t ew_port_time(void)
{
    return EW_REGISTER(CM_DWT_CYCCNT);
}
#else
static void start_clock(void)
{
    time_unit = EW_TIME_NONE;
}

uint32_t ew_port_time(void)
{
    return 0;
}
#endif

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
    count_boot();
    lowest_stack = cm_stack_pointer();
    ew_stack_limit[0] = 0; /* nothing is painted yet */
    paint_stack();
    lowest_stack = cm_stack_pointer();
    start_clock();
    on_emulator = ew_retained[OFFER] == EW_LINE_EMULATOR_OFFER && ew_line_emulator_start();
    if (!on_emulator) {
        ew_line_uart_start();
    }
}

void ew_port_poll_only(void)
{
    poll_only = 1;
}

int ew_port_read(void)
{
    return on_emulator ? ew_line_emulator_read() : ew_line_uart_read(poll_only);
}

void ew_port_write(const uint8_t *bytes, size_t count)
{
    if (on_emulator) {
        ew_line_emulator_write(bytes, count);
    } else {
        ew_line_uart_write(bytes, count);
    }
}

int ew_port_measure(int (*run)(void), ew_cost_t *cost)
{
    paint_stack();
    cm_mask_interrupts();
    const uint32_t start = ew_port_time();
    const int status = run();
    cost->time = ew_port_time() - start;
    cm_unmask_interrupts();
    const uint32_t *const top = cm_stack_pointer();
    const uint32_t *const used = lowest_painted();
    cost->stack_bytes = used < top ? (uint32_t)((uintptr_t)top - (uintptr_t)used) : 0;
    return status;
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
    status->bytes_lost = on_emulator ? 0 : ew_line_uart_lost();
}

void ew_port_reset(void)
{
    ew_retained[ASKED] = RETAINED_ASKED;
    cm_request_reset();
}
