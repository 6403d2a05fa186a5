/* SPDX-License-Identifier: Apache-2.0 */
/* guard.h: makes faults of what would go on unseen: a stack that overflows, a division by zero. */
#ifndef EW_GUARD_H
#define EW_GUARD_H

#include <stdint.h>

void ew_guard_start(void);

/* Whether `address` is below the stack, near enough that only an overflow explains it. */
int ew_guard_owns(uint32_t address);

/* Before a fault is reported: its handler may touch everything again. */
void ew_guard_stop(void);

#endif
