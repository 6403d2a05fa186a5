/* SPDX-License-Identifier: Apache-2.0 */
/* The runner's port inside a test's own process: the firmware is a coroutine that runs until it wants bytes that are
 * not there. Loading the library anew is a power cycle. */
#include <string.h>
#include <ucontext.h>

#include "ew_port.h"
#include "ew_runner.h"

#define STACK_BYTES 262144u
#define SENT_BYTES  65536u

size_t board_feed(const uint8_t *bytes, size_t count, uint8_t *sent, size_t room);
void ew_port_deadline(uint32_t milliseconds);

static ucontext_t host, firmware;
static unsigned char stack[STACK_BYTES];
static const uint8_t *received;
static size_t received_count;
static uint8_t outgoing[SENT_BYTES];
static size_t outgoing_count;
static uint32_t boots = 1, cause = EW_RESET_POWER_ON;
static int started;

static void serve(void)
{
    while (ew_runner_serve()) {
    }
}

/* Gives the firmware `count` bytes and lets it work; what it sends meanwhile, up to `room` bytes. */
size_t board_feed(const uint8_t *bytes, size_t count, uint8_t *sent, size_t room)
{
    received = bytes;
    received_count = count;
    outgoing_count = 0;
    if (!started) {
        started = 1;
        getcontext(&firmware);
        firmware.uc_stack.ss_sp = stack;
        firmware.uc_stack.ss_size = sizeof stack;
        firmware.uc_link = &host;
        makecontext(&firmware, serve, 0);
    }
    swapcontext(&host, &firmware);
    const size_t given = outgoing_count < room ? outgoing_count : room;
    memcpy(sent, outgoing, given);
    return given;
}

int ew_port_read(void)
{
    while (received_count == 0) {
        swapcontext(&firmware, &host);
    }
    received_count--;
    return *received++;
}

void ew_port_write(const uint8_t *bytes, size_t count)
{
    if (count <= sizeof outgoing - outgoing_count) {
        memcpy(outgoing + outgoing_count, bytes, count);
        outgoing_count += count;
    }
}

void ew_port_start(void) {}

int ew_port_measure(int (*run)(void), ew_cost_t *cost)
{
    cost->time = 0;
    cost->stack_bytes = 0;
    return run();
}

uint32_t ew_port_time(void)
{
    return 0;
}

void ew_port_deadline(uint32_t milliseconds)
{
    (void)milliseconds;
}

void ew_port_status(ew_port_status_t *status)
{
    memset(status, 0, sizeof *status);
    status->boot_count = boots;
    status->reset_cause = cause;
}

void ew_port_reset(void)
{
    boots++;
    cause = EW_RESET_REQUESTED;
}
