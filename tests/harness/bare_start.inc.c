/* bare_start.inc.c: how a program on an emulated Cortex-M starts, and ends through semihosting. Whoever includes it
 * gives run(), whose result is the status of the program, and faulted(), which is called before a fault ends it. */
#include <stdint.h>

#define SYS_EXIT_EXTENDED 0x20
#define APPLICATION_EXIT  0x20026u
#define FAULT_STATUS      99u

extern uint32_t stack_top[], data_load[], data_start[], data_end[], bss_start[], bss_end[];
void reset(void);
static uint32_t run(void);
static void faulted(void);

static int semihost(int operation, const void *argument)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void leave(uint32_t status)
{
    const uint32_t block[2] = {APPLICATION_EXIT, status};
    semihost(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

void reset(void)
{
#ifdef __ARM_FP
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* CPACR: floating point and MVE registers on */
    __asm__ volatile("dsb\n isb");
#endif
    for (uint32_t *from = data_load, *to = data_start; to < data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end;) {
        *to++ = 0;
    }
    leave(run());
}

static void fault(void)
{
    faulted();
    leave(FAULT_STATUS);
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    stack_top,
    (void *)reset,
    (void *)fault,
    (void *)fault,
    (void *)fault,
    (void *)fault,
    (void *)fault,
    (void *)fault,
    0,
    0,
    0,
    (void *)fault,
    (void *)fault,
    0,
    (void *)fault,
    (void *)fault,
};
