/* SPDX-License-Identifier: Apache-2.0 */
/* Arm CMSDK APB UART, one byte deep.
 * Source: Cortex-M System Design Kit TRM (DDI0479), section 4.3. */
#include "board.h"
#include "cortex_m.h"
#include "uart.h"

#define DATA       EW_REGISTER(EW_UART_BASE + 0x00u)
#define STATE      EW_REGISTER(EW_UART_BASE + 0x04u)
#define CTRL       EW_REGISTER(EW_UART_BASE + 0x08u)
#define INT_STATUS EW_REGISTER(EW_UART_BASE + 0x0Cu)
#define BAUD_DIV   EW_REGISTER(EW_UART_BASE + 0x10u)

#define STATE_TX_FULL    0x1u
#define STATE_RX_FULL    0x2u
#define STATE_RX_OVERRUN 0x8u
#define CTRL_TX          0x1u
#define CTRL_RX          0x2u
#define CTRL_RX_INT      0x8u
#define INT_RX           0x2u

static uint32_t overruns;

void ew_uart_start(void)
{
    BAUD_DIV = EW_UART_CLOCK_HZ / EW_UART_BAUD; /* at least 16 */
    CTRL = CTRL_TX | CTRL_RX;
    /* Drops a byte from before; and QEMU looks at its line again only after a read, else within a second. */
    (void)DATA;
}

void ew_uart_listen(void)
{
    INT_STATUS = INT_RX;
    CTRL = CTRL_TX | CTRL_RX | CTRL_RX_INT;
}

/* Cleared before DATA is read: the other order loses the edge of a byte that arrives in between. */
void ew_uart_acknowledge(void)
{
    INT_STATUS = INT_RX;
}

int ew_uart_take(void)
{
    const uint32_t state = STATE;
    if (state & STATE_RX_OVERRUN) {
        overruns++;
        STATE = STATE_RX_OVERRUN;
    }
    return state & STATE_RX_FULL ? (int)(DATA & 0xFFu) : -1;
}

void ew_uart_put(uint8_t byte)
{
    while (STATE & STATE_TX_FULL) {
    }
    DATA = byte;
}

uint32_t ew_uart_overruns(void)
{
    return overruns;
}
