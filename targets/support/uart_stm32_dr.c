/* SPDX-License-Identifier: Apache-2.0 */
/* STM32 USART with one data register DR: families F1, F2, F4 and L1. One byte deep.
 * Source: "USART registers" of RM0090 (STM32F405), RM0390 (F446) and RM0041 (F100), which are the same. */
#include "board.h"
#include "cortex_m.h"
#include "uart.h"

#define SR  EW_REGISTER(EW_UART_BASE + 0x00u)
#define DR  EW_REGISTER(EW_UART_BASE + 0x04u)
#define BRR EW_REGISTER(EW_UART_BASE + 0x08u)
#define CR1 EW_REGISTER(EW_UART_BASE + 0x0Cu)

#define SR_ORE     (1u << 3)
#define SR_RXNE    (1u << 5)
#define SR_TXE     (1u << 7)
#define CR1_RE     (1u << 2)
#define CR1_TE     (1u << 3)
#define CR1_RXNEIE (1u << 5)
#define CR1_UE     (1u << 13)

static uint32_t overruns;

void ew_uart_start(void)
{
    CR1 = 0;
    BRR = (EW_UART_CLOCK_HZ + EW_UART_BAUD / 2u) / EW_UART_BAUD; /* 16ths of the divider, oversampled 16 times */
    CR1 = CR1_UE | CR1_TE | CR1_RE;
}

void ew_uart_listen(void)
{
    CR1 = CR1_UE | CR1_TE | CR1_RE | CR1_RXNEIE;
}

/* Reading DR behind SR clears what asked for the interrupt. */
void ew_uart_acknowledge(void) {}

int ew_uart_take(void)
{
    const uint32_t status = SR;
    if (status & SR_ORE) {
        overruns++;
    }
    /* An overrun without a byte goes away, too, only when DR is read. */
    return status & SR_RXNE ? (int)(DR & 0xFFu) : status & SR_ORE ? ((void)DR, -1) : -1;
}

void ew_uart_put(uint8_t byte)
{
    while (!(SR & SR_TXE)) {
    }
    DR = byte;
}

uint32_t ew_uart_overruns(void)
{
    return overruns;
}
