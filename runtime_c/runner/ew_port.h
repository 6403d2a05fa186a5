/* SPDX-License-Identifier: Apache-2.0 */
/* ew_port.h: what the runner needs from the machine below it; one implementation per kind of machine
 * (targets/support/port_cortex_m.c, port_linux.c). */
#ifndef EW_PORT_H
#define EW_PORT_H

#include <stddef.h>
#include <stdint.h>

#define EW_RESET_POWER_ON   0u /* RAM held nothing of ours */
#define EW_RESET_REQUESTED  1u /* a RESET request */
#define EW_RESET_UNEXPECTED 2u /* RAM was kept, and nobody asked: reset button, watchdog, lockup */

#define EW_TIME_NONE        0u /* this machine has no clock worth reading */
#define EW_TIME_CYCLES      1u
#define EW_TIME_NANOSECONDS 2u

typedef struct {
    uint32_t boot_count;       /* since power on, 1 at first */
    uint32_t reset_cause;      /* EW_RESET_* */
    uint32_t time_unit;        /* EW_TIME_* of every time that the runner reports */
    uint32_t stack_bytes;      /* reserved for the stack; 0 when unknown */
    uint32_t stack_used_bytes; /* the most that was used since the start; 0 when unknown */
    uint32_t bytes_lost;       /* received bytes that no buffer took, as far as the hardware tells */
} ew_port_status_t;

/* The cost of one call. */
typedef struct {
    uint32_t time;        /* in the port's unit, wraps at 2^32 */
    uint32_t stack_bytes; /* what the call used below its caller; 0 when unknown */
} ew_cost_t;

/* Once, before anything else. */
void ew_port_start(void);

/* The next byte, waiting for it as long as it takes; negative when no byte will ever come. */
int ew_port_read(void);

void ew_port_write(const uint8_t *bytes, size_t count);

/* Calls run() without serving the link and measures it; returns its result. */
int ew_port_measure(int (*run)(void), ew_cost_t *cost);

/* From now on the program may compute for so many milliseconds before it answers; a port that can tell reports where
 * it was when they were over, as a fault. 0: for ever. */
void ew_port_deadline(uint32_t milliseconds);

/* A free-running clock in the port's unit; 0 when there is none. */
uint32_t ew_port_time(void);

void ew_port_status(ew_port_status_t *status);

/* Starts the machine anew. May return where a process cannot: the caller then starts its state anew. */
void ew_port_reset(void);

#endif
