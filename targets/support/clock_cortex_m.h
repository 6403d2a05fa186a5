/* SPDX-License-Identifier: Apache-2.0 */
/* clock_cortex_m.h: cycles, from the debug unit or from SysTick, and how long a request may take. */
#ifndef EW_CLOCK_CORTEX_M_H
#define EW_CLOCK_CORTEX_M_H

#include <stdint.h>

/* Starts the counters; EW_TIME_CYCLES when one of them counts what the core does, else EW_TIME_NONE. */
uint32_t ew_clock_start(void);

/* Cycles of the core; 0 without a counter. SysTick interrupts once in 2^24 of them, for about 30. */
uint32_t ew_clock_cycles(void);

/* After so many milliseconds the program faults where it then is, in exception PendSV; 0: never. In steps of 2^24
 * cycles, rounded up. */
void ew_clock_deadline(uint32_t milliseconds);

#endif
