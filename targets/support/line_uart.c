/* SPDX-License-Identifier: Apache-2.0 */
#include "line_uart.h"

#include "board.h"
#include "cortex_m.h"
#include "uart.h"

/* What arrives while a request is being answered. A power of two. */
#define RING_BYTES 256u
static volatile uint8_t ring[RING_BYTES];
static volatile uint32_t ring_written, ring_taken, ring_lost;

static void receive(void)
{
    ew_uart_acknowledge();
    for (int byte; (byte = ew_uart_take()) >= 0;) {
        if (ring_written - ring_taken < RING_BYTES) {
            ring[ring_written % RING_BYTES] = (uint8_t)byte;
            ring_written = ring_written + 1;
        } else {
            ring_lost = ring_lost + 1;
        }
    }
}

__attribute__((section(".vectors.irq"), used)) static void (*const interrupt_vectors[EW_UART_IRQ + 1])(void) = {
    [EW_UART_IRQ] = receive,
};

void ew_line_uart_start(void)
{
    ew_uart_start();
    cm_mask_interrupts();
    ew_uart_listen();
    cm_enable_interrupt(EW_UART_IRQ);
    receive(); /* a byte that came before raises no interrupt */
    cm_unmask_interrupts();
}

int ew_line_uart_read(int poll)
{
    for (;;) {
        if (poll) {
            receive();
        }
        cm_mask_interrupts();
        if (ring_written == ring_taken && !poll) {
            cm_sleep(); /* a pending interrupt ends it, masked or not */
        }
        cm_unmask_interrupts();
        if (ring_written != ring_taken) {
            const uint8_t byte = ring[ring_taken % RING_BYTES];
            ring_taken = ring_taken + 1;
            return byte;
        }
    }
}

void ew_line_uart_write(const uint8_t *bytes, size_t count)
{
    while (count--) {
        ew_uart_put(*bytes++);
    }
}

void ew_line_uart_pause(void)
{
    cm_disable_interrupt(EW_UART_IRQ);
}

void ew_line_uart_resume(void)
{
    cm_mask_interrupts();
    cm_enable_interrupt(EW_UART_IRQ);
    receive(); /* the edge of a byte may be over */
    cm_unmask_interrupts();
}

uint32_t ew_line_uart_lost(void)
{
    return ring_lost + ew_uart_overruns();
}
