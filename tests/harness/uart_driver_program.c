/* SPDX-License-Identifier: Apache-2.0 */
/* A UART driver on this machine, over memory that stands for its registers: prints what it leaves in them.
 * Compiled with EW_OFFSETS (those to print), EW_BEFORE_TAKE (pairs of offset and value that stand for a received byte
 * and an overrun), EW_RX_POINTER (where a driver with DMA leaves the address of its byte) and EW_SENT (an event that
 * hardware raises when a byte has left). */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>

#include "board.h"
#include "cortex_m.h"
#include "uart.h"

#define PAGE 4096u

static const uint32_t offsets[] = {EW_OFFSETS};
static const uint32_t before_take[][2] = {EW_BEFORE_TAKE};

static void show(const char *when)
{
    printf("%s", when);
    for (unsigned i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        printf(" %x=%x", (unsigned)offsets[i], (unsigned)EW_REGISTER(EW_UART_BASE + offsets[i]));
    }
    printf("\n");
}

#ifdef EW_SENT
static void *raise_event(void *unused)
{
    for (;;) {
        EW_REGISTER(EW_UART_BASE + EW_SENT) = 1;
    }
    return unused;
}
#endif

int main(void)
{
    if (mmap((void *)(uintptr_t)(EW_UART_BASE & ~(PAGE - 1)), PAGE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED) {
        return 1;
    }
    ew_uart_start();
    ew_uart_listen();
    show("listening");
    for (unsigned i = 0; i < sizeof before_take / sizeof *before_take; i++) {
        EW_REGISTER(EW_UART_BASE + before_take[i][0]) = before_take[i][1];
    }
#ifdef EW_RX_POINTER
    *(volatile uint8_t *)(uintptr_t)EW_REGISTER(EW_UART_BASE + EW_RX_POINTER) = 0xA5;
#endif
    ew_uart_acknowledge();
    const int byte = ew_uart_take();
    printf("took %d, lost %u\n", byte, (unsigned)ew_uart_overruns());
#ifdef EW_SENT
    pthread_t hardware;
    pthread_create(&hardware, 0, raise_event, 0);
#endif
    ew_uart_put(0x5A);
    show("sent");
    return 0;
}
