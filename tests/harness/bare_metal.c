/* bare_metal.c: a kernel test program on an emulated Cortex-M, talking through semihosting. */
#include <stdint.h>

#define MAX_BYTES (128u << 10)

static int semihost(int operation, const void *argument)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void text_out(const char *text)
{
    semihost(4, text);
}
#include "test_program.inc.c"

static void leave(uint32_t status)
{
    const uint32_t block[2] = {0x20026, status};
    semihost(0x20, block);
    for (;;) {
    }
}

extern uint32_t stack_top[], data_load[], data_start[], data_end[], bss_start[], bss_end[];
void reset(void);

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
    test_cases();
    text_out("END\n");
    leave(0);
}

static void fault(void)
{
    text_out("FAULT\n");
    leave(99);
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {stack_top,
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
                                                                             (void *)fault};
