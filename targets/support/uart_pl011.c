/* SPDX-License-Identifier: Apache-2.0 */
/* Arm PL011 as in Stellaris LM3S (16 bytes deep), RP2040 and RP2350 (32).
 * Source: PrimeCell UART (PL011) TRM (DDI0183), chapter 3; RP2040 Datasheet, section 4.2. */
#include "board.h"
#include "cortex_m.h"
#include "uart.h"

#define DR   EW_REGISTER(EW_UART_BASE + 0x00u)
#define FR   EW_REGISTER(EW_UART_BASE + 0x18u)
#define IBRD EW_REGISTER(EW_UART_BASE + 0x24u)
#define FBRD EW_REGISTER(EW_UART_BASE + 0x28u)
#define LCRH EW_REGISTER(EW_UART_BASE + 0x2Cu)
#define CR   EW_REGISTER(EW_UART_BASE + 0x30u)
#define IFLS EW_REGISTER(EW_UART_BASE + 0x34u)
#define IMSC EW_REGISTER(EW_UART_BASE + 0x38u)
#define ICR  EW_REGISTER(EW_UART_BASE + 0x44u)

#define DR_OVERRUN  (1u << 11)
#define FR_RX_EMPTY (1u << 4)
#define FR_TX_FULL  (1u << 5)
#define LCRH_FIFO   (1u << 4)
#define LCRH_8_BITS (3u << 5)
#define CR_UART     (1u << 0)
#define CR_TX       (1u << 8)
#define CR_RX       (1u << 9)
#define INT_RX      (1u << 4)
#define INT_TIMEOUT (1u << 6) /* bytes below the trigger level, and none for 32 bit times */
#define INT_ALL     0x7FFu
/* 64ths of clock / (16 baud), rounded. */
#define DIVIDER ((uint32_t)(((uint64_t)EW_UART_CLOCK_HZ * 4u + EW_UART_BAUD / 2u) / EW_UART_BAUD))

static uint32_t overruns;

void ew_uart_start(void)
{
    CR = 0;
    IBRD = DIVIDER / 64u;
    FBRD = DIVIDER % 64u;
    LCRH = LCRH_8_BITS | LCRH_FIFO; /* the divider is taken over by this write */
    IFLS = 0;                       /* receive trigger: an eighth full */
    CR = CR_UART | CR_TX | CR_RX;
}

void ew_uart_listen(void)
{
    ICR = INT_ALL;
    IMSC = INT_RX | INT_TIMEOUT;
}

void ew_uart_acknowledge(void)
{
    ICR = INT_RX | INT_TIMEOUT;
}

int ew_uart_take(void)
{
    if (FR & FR_RX_EMPTY) {
        return -1;
    }
    const uint32_t data = DR;
    if (data & DR_OVERRUN) {
        overruns++;
    }
    return (int)(data & 0xFFu);
}

void ew_uart_put(uint8_t byte)
{
    while (FR & FR_TX_FULL) {
    }
    DR = byte;
}

uint32_t ew_uart_overruns(void)
{
    return overruns;
}
