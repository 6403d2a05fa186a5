/* SPDX-License-Identifier: Apache-2.0 */
/* Nordic UART of nRF51 and nRF52, six bytes deep.
 * Source: nRF51 Series Reference Manual v3.0, chapter 29; nRF52840 Product Specification v1.1, "UART". */
#include "board.h"
#include "cortex_m.h"
#include "uart.h"

#define TASK_START_RX EW_REGISTER(EW_UART_BASE + 0x000u)
#define TASK_START_TX EW_REGISTER(EW_UART_BASE + 0x008u)
#define EVENT_RX      EW_REGISTER(EW_UART_BASE + 0x108u)
#define EVENT_TX      EW_REGISTER(EW_UART_BASE + 0x11Cu)
#define INT_SET       EW_REGISTER(EW_UART_BASE + 0x304u)
#define ERROR_SOURCE  EW_REGISTER(EW_UART_BASE + 0x480u)
#define ENABLE        EW_REGISTER(EW_UART_BASE + 0x500u)
#define PIN_RTS       EW_REGISTER(EW_UART_BASE + 0x508u)
#define PIN_TX        EW_REGISTER(EW_UART_BASE + 0x50Cu)
#define PIN_CTS       EW_REGISTER(EW_UART_BASE + 0x510u)
#define PIN_RX        EW_REGISTER(EW_UART_BASE + 0x514u)
#define RX_DATA       EW_REGISTER(EW_UART_BASE + 0x518u)
#define TX_DATA       EW_REGISTER(EW_UART_BASE + 0x51Cu)
#define BAUD          EW_REGISTER(EW_UART_BASE + 0x524u)

#define NO_PIN        0xFFFFFFFFu
#define ENABLE_UART   4u
#define INT_RX        (1u << 2)
#define ERROR_OVERRUN 1u
/* baud * 2^32 / clock, rounded to the 20 bits that the register keeps. */
#define BAUD_VALUE ((uint32_t)((((uint64_t)EW_UART_BAUD << 32) / EW_UART_CLOCK_HZ + 0x800u) & 0xFFFFF000u))

static uint32_t overruns;

void ew_uart_start(void)
{
    ENABLE = 0;
    PIN_TX = EW_UART_TX_PIN;
    PIN_RX = EW_UART_RX_PIN;
    PIN_RTS = NO_PIN;
    PIN_CTS = NO_PIN;
    BAUD = BAUD_VALUE;
    ENABLE = ENABLE_UART;
    EVENT_RX = 0;
    EVENT_TX = 0;
    TASK_START_RX = 1;
    TASK_START_TX = 1;
}

void ew_uart_listen(void)
{
    INT_SET = INT_RX;
}

/* Each byte clears its own event in ew_uart_take(). */
void ew_uart_acknowledge(void) {}

int ew_uart_take(void)
{
    if (ERROR_SOURCE & ERROR_OVERRUN) {
        overruns++;
        ERROR_SOURCE = ERROR_OVERRUN;
    }
    if (!EVENT_RX) {
        return -1;
    }
    EVENT_RX = 0; /* before the read, which lets the next byte raise it again */
    return (int)(RX_DATA & 0xFFu);
}

void ew_uart_put(uint8_t byte)
{
    EVENT_TX = 0;
    TX_DATA = byte;
    while (!EVENT_TX) {
    }
}

uint32_t ew_uart_overruns(void)
{
    return overruns;
}
