/* SPDX-License-Identifier: Apache-2.0 */
/* uart.h: a serial port, 8N1, as the runner's port uses it. One driver per UART IP: uart_<driver>.c.
 *
 * board.h gives EW_UART_BASE, EW_UART_IRQ, EW_UART_CLOCK_HZ, EW_UART_BAUD, EW_UART_TX_PIN and EW_UART_RX_PIN (32 times
 * the port, plus the place in it). Clocks and pins are set up before ew_uart_start(). */
#ifndef EW_UART_H
#define EW_UART_H

#include <stdint.h>

/* Receiver and transmitter on. */
void ew_uart_start(void);

/* Raises interrupt EW_UART_IRQ for received bytes from now on. A byte that is already there may raise none. */
void ew_uart_listen(void);

/* In the interrupt, before its bytes are taken. */
void ew_uart_acknowledge(void);

/* A received byte, or -1 when there is none. */
int ew_uart_take(void);

/* Sends a byte, waiting for room. */
void ew_uart_put(uint8_t byte);

/* How often the hardware lost received bytes. */
uint32_t ew_uart_overruns(void);

#endif
