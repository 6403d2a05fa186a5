/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the port that a shared library on the host needs: there is no link to serve. */
#define _POSIX_C_SOURCE 200809L

#include <time.h>

#include "ew_port.h"

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
