/* SPDX-License-Identifier: Apache-2.0 */
/* The runner's port for a Linux process: frames on standard input and output. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ew_port.h"

static uint8_t received[4096];
static size_t received_count, received_next;
static uint32_t boot_count = 1, reset_cause = EW_RESET_POWER_ON;

void ew_port_start(void) {}

int ew_port_read(void)
{
    if (received_next == received_count) {
        ssize_t count;
        do {
            count = read(STDIN_FILENO, received, sizeof received);
        } while (count < 0 && errno == EINTR);
        if (count <= 0) {
            return -1;
        }
        received_count = (size_t)count;
        received_next = 0;
    }
    return received[received_next++];
}

/* One write per frame: an answer is gathered until its last byte, the second zero. */
void ew_port_write(const uint8_t *bytes, size_t count)
{
    static uint8_t pending[1024];
    static size_t used;
    for (size_t i = 0; i < count; i++) {
        pending[used++] = bytes[i];
        if ((bytes[i] == 0 && used > 1) || used == sizeof pending) {
            for (size_t sent = 0; sent < used;) {
                const ssize_t part = write(STDOUT_FILENO, pending + sent, used - sent);
                if (part < 0 && errno != EINTR) {
                    _exit(1);
                }
                sent += part > 0 ? (size_t)part : 0;
            }
            used = 0;
        }
    }
}

uint32_t ew_port_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
}

int ew_port_measure(int (*run)(void), ew_cost_t *cost)
{
    const uint32_t start = ew_port_time();
    const int status = run();
    cost->time = ew_port_time() - start;
    cost->stack_bytes = 0;
    return status;
}

/* A process that does not answer is the host's to end. */
void ew_port_deadline(uint32_t milliseconds)
{
    (void)milliseconds;
}

void ew_port_status(ew_port_status_t *status)
{
    memset(status, 0, sizeof *status);
    status->boot_count = boot_count;
    status->reset_cause = reset_cause;
    status->time_unit = EW_TIME_NANOSECONDS;
}

void ew_port_reset(void)
{
    boot_count++;
    reset_cause = EW_RESET_REQUESTED;
}
