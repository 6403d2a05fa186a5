/* SPDX-License-Identifier: Apache-2.0 */
/* board.h: what the file of the board says, as the build writes it into ew_board.h: EW_BOARD_CLOCK_HZ,
 * EW_BOARD_SYSTICK_CYCLES, EW_UART_* and EW_BOARD_STEPS. */
#ifndef EW_BOARD_SETUP_H
#define EW_BOARD_SETUP_H

#include <stdint.h>

#include "ew_board.h"

/* One register: (value & ~clear) | set is written; with `wait`, its bits in `wait` are waited for to be `wait_for`. */
typedef struct {
    uint32_t address, set, clear, wait, wait_for;
} ew_board_step_t;

/* Interrupts to the vectors of this program; then clocks, resets and pins, before the UART is used. */
void ew_board_setup(void);

#endif
