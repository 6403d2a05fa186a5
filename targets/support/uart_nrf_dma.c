/* SPDX-License-Identifier: Apache-2.0 */
/* Nordic UARTE of nRF52, nRF53 and nRF91, which moves bytes by DMA: here one at a time, and a few wait inside the
 * receiver while the last one is being taken.
 * Source: "UARTE" in nRF5340 Product Specification v1.3 and nRF52840 Product Specification v1.1. */
#include "board.h"
#include "cortex_m.h"
#include "uart.h"

#define TASK_START_RX EW_REGISTER(EW_UART_BASE + 0x000u)
#define TASK_START_TX EW_REGISTER(EW_UART_BASE + 0x008u)
#define EVENT_RX_END  EW_REGISTER(EW_UART_BASE + 0x110u)
#define EVENT_TX_END  EW_REGISTER(EW_UART_BASE + 0x120u)
#define INT_SET       EW_REGISTER(EW_UART_BASE + 0x304u)
#define ERROR_SOURCE  EW_REGISTER(EW_UART_BASE + 0x480u)
#define ENABLE        EW_REGISTER(EW_UART_BASE + 0x500u)
#define PIN_RTS       EW_REGISTER(EW_UART_BASE + 0x508u)
#define PIN_TX        EW_REGISTER(EW_UART_BASE + 0x50Cu)
#define PIN_CTS       EW_REGISTER(EW_UART_BASE + 0x510u)
#define PIN_RX        EW_REGISTER(EW_UART_BASE + 0x514u)
#define BAUD          EW_REGISTER(EW_UART_BASE + 0x524u)
#define RX_POINTER    EW_REGISTER(EW_UART_BASE + 0x534u)
#define RX_COUNT      EW_REGISTER(EW_UART_BASE + 0x538u)
#define TX_POINTER    EW_REGISTER(EW_UART_BASE + 0x544u)
#define TX_COUNT      EW_REGISTER(EW_UART_BASE + 0x548u)

#define NO_PIN        0xFFFFFFFFu
#define ENABLE_UARTE  8u
#define INT_RX_END    (1u << 4)
#define ERROR_OVERRUN 1u

/* The manual's table, "BAUDRATE": other values than of the UART without DMA, and of no formula. */
#if EW_UART_BAUD == 9600
#define BAUD_VALUE 0x00275000u
#elif EW_UART_BAUD == 115200
#define BAUD_VALUE 0x01D60000u
#elif EW_UART_BAUD == 230400
#define BAUD_VALUE 0x03B00000u
#elif EW_UART_BAUD == 460800
#define BAUD_VALUE 0x07400000u
#elif EW_UART_BAUD == 921600
#define BAUD_VALUE 0x0F000000u
#elif EW_UART_BAUD == 1000000
#define BAUD_VALUE 0x10000000u
#else
#error "uart baud: the UARTE has 9600, 115200, 230400, 460800, 921600 and 1000000"
#endif

/* DMA reaches RAM only, and knows addresses as the core does. */
static volatile uint8_t received, sent;
static uint32_t overruns;

void ew_uart_start(void)
{
    ENABLE = 0;
    PIN_TX = EW_UART_TX_PIN;
    PIN_RX = EW_UART_RX_PIN;
    PIN_RTS = NO_PIN;
    PIN_CTS = NO_PIN;
    BAUD = BAUD_VALUE;
    RX_POINTER = (uint32_t)(uintptr_t)&received;
    RX_COUNT = 1;
    TX_POINTER = (uint32_t)(uintptr_t)&sent;
    TX_COUNT = 1;
    ENABLE = ENABLE_UARTE;
    EVENT_RX_END = 0;
    TASK_START_RX = 1;
}

void ew_uart_listen(void)
{
    INT_SET = INT_RX_END;
}

/* Each byte clears its own event in ew_uart_take(). */
void ew_uart_acknowledge(void) {}

int ew_uart_take(void)
{
    const uint32_t errors = ERROR_SOURCE;
    if (errors) {
        overruns += errors & ERROR_OVERRUN;
        ERROR_SOURCE = errors;
    }
    if (!EVENT_RX_END) {
        return -1;
    }
    EVENT_RX_END = 0;
    const int byte = received;
    cm_barrier(); /* the byte is here before the next may come */
    TASK_START_RX = 1;
    return byte;
}

void ew_uart_put(uint8_t byte)
{
    sent = byte;
    EVENT_TX_END = 0;
    cm_barrier();
    TASK_START_TX = 1;
    while (!EVENT_TX_END) {
    }
}

uint32_t ew_uart_overruns(void)
{
    return overruns;
}
