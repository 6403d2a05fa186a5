/* SPDX-License-Identifier: Apache-2.0 */
/* startup.c: from reset to main() on any Cortex-M. */
#include "cortex_m.h"

int main(void);
void ew_reset(void);
void ew_halt(void);
void ew_fault(void);

#if CM_HAS_STACK_LIMIT
static inline void guard_stack(void)
{
    __asm__ volatile("msr msplim, %0" ::"r"(ew_stack_limit));
}
#else
static inline void guard_stack(void) {}
#endif

#ifdef EW_BOARD_INIT
void ew_board_init(void);
#else
static inline void ew_board_init(void) {}
#endif

static inline void enable_coprocessors(void)
{
    if (CM_HAS_FPU) {
        EW_REGISTER(CM_CPACR) |= 0xFu << 20;
        cm_barrier();
    }
}

/* Where a program that has done its work stays; profilers recognise it by name. */
__attribute__((noreturn, noinline)) void ew_halt(void)
{
    for (;;) {
        cm_sleep();
    }
}

/* Faults, and a main() that failed. The runner brings its own (fault.c). */
__attribute__((weak, noreturn, noinline)) void ew_fault(void)
{
    for (;;) {
        cm_barrier();
    }
}

/* Of SysTick, which nothing starts here. The runner brings its own (clock_cortex_m.c). */
__attribute__((weak, noreturn, alias("ew_fault"))) void ew_tick(void);

__attribute__((noreturn)) void ew_reset(void)
{
    guard_stack();
    enable_coprocessors();
    for (uint32_t *from = ew_data_load, *to = ew_data_start; to < ew_data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = ew_bss_start; to < ew_bss_end;) {
        *to++ = 0;
    }
    ew_board_init();
    if (main() != 0) {
        ew_fault();
    }
    ew_halt();
}

typedef union {
    uint32_t *stack;
    void (*handler)(void);
} vector_t;

/* The system exceptions; what follows in section .vectors.irq are the interrupts. */
__attribute__((section(".vectors"), used)) static const vector_t vectors[16] = {
    {.stack = ew_stack_top},
    {.handler = ew_reset},
    {.handler = ew_fault},
    {.handler = ew_fault},
    {.handler = ew_fault},
    {.handler = ew_fault},
    {.handler = ew_fault},
    {.handler = ew_fault},
    {0},
    {0},
    {0},
    {.handler = ew_fault},
    {.handler = ew_fault},
    {0},
    {.handler = ew_fault},
    {.handler = ew_tick},
};
