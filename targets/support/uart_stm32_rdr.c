/* SPDX-License-Identifier: Apache-2.0 */
/* STM32 USART with RDR and TDR: families F0, F3, F7, G0, G4, H7, L0, L4, L5 and U5. One byte deep: the FIFO that some
 * have stays off.
 * Source: "USART registers" of RM0351 (STM32L4x5 and L4x6), RM0444 (G0) and RM0433 (H743), the same here. */
#include "board.h"
#include "cortex_m.h"
#include "uart.h"

#define CR1 EW_REGISTER(EW_UART_BASE + 0x00u)
#define BRR EW_REGISTER(EW_UART_BASE + 0x0Cu)
#define ISR EW_REGISTER(EW_UART_BASE + 0x1Cu)
#define ICR EW_REGISTER(EW_UART_BASE + 0x20u)
#define RDR EW_REGISTER(EW_UART_BASE + 0x24u)
#define TDR EW_REGISTER(EW_UART_BASE + 0x28u)

#define CR1_UE     (1u << 0)
#define CR1_RE     (1u << 2)
#define CR1_TE     (1u << 3)
#define CR1_RXNEIE (1u << 5)
#define ISR_ORE    (1u << 3)
#define ISR_RXNE   (1u << 5)
#define ISR_TXE    (1u << 7)
#define ICR_ORECF  (1u << 3)

/* BRR in units of the clock divided by the baud rate: 1 for a USART that oversamples 16 times. */
#ifndef BAUD_UNIT
#define BAUD_UNIT 1u
#endif

static uint32_t overruns;

void ew_uart_start(void)
{
    CR1 = 0;
    BRR = (uint32_t)(((uint64_t)BAUD_UNIT * EW_UART_CLOCK_HZ + EW_UART_BAUD / 2u) / EW_UART_BAUD);
    CR1 = CR1_UE | CR1_TE | CR1_RE;
}

void ew_uart_listen(void)
{
    CR1 = CR1_UE | CR1_TE | CR1_RE | CR1_RXNEIE;
}

/* RXNE goes with the byte; an overrun asks for the interrupt, too, and is cleared in ew_uart_take(). */
void ew_uart_acknowledge(void) {}

int ew_uart_take(void)
{
    const uint32_t status = ISR;
    if (status & ISR_ORE) {
        overruns++;
        ICR = ICR_ORECF;
    }
    return status & ISR_RXNE ? (int)(RDR & 0xFFu) : -1;
}

void ew_uart_put(uint8_t byte)
{
    while (!(ISR & ISR_TXE)) {
    }
    TDR = byte;
}

uint32_t ew_uart_overruns(void)
{
    return overruns;
}
