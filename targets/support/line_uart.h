/* SPDX-License-Identifier: Apache-2.0 */
/* line_uart.h: the runner's bytes on the board's UART, received by interrupt. */
#ifndef EW_LINE_UART_H
#define EW_LINE_UART_H

#include <stddef.h>
#include <stdint.h>

void ew_line_uart_start(void);

/* The next byte, waiting for it. poll: interrupts are out of reach. */
int ew_line_uart_read(int poll);

void ew_line_uart_write(const uint8_t *bytes, size_t count);

/* No receive interrupt from now on, or again: what comes meanwhile waits in the hardware, as much as it takes. */
void ew_line_uart_pause(void);
void ew_line_uart_resume(void);

/* Received bytes that were lost. */
uint32_t ew_line_uart_lost(void);

#endif
