/* SPDX-License-Identifier: Apache-2.0 */
/* fault.c: turns a fault into a report on the runner's link. */
#include "cortex_m.h"
#include "ew_runner.h"
#include "port_cortex_m.h"

#define FRAME_WORDS  8u /* r0 to r3, r12, lr, pc, xpsr */
#define REPORT_WORDS (4u + FRAME_WORDS + 4u)
#define STACK_WORDS  128u

void ew_fault(void);
void ew_fault_report(const uint32_t *frame, uint32_t exception_return);

/* The main stack may be what broke, so the report has its own. */
__attribute__((used, aligned(8))) uint32_t ew_fault_stack[STACK_WORDS];

#if CM_HAS_FAULT_STATUS
static void read_fault_status(uint32_t *words)
{
    words[0] = EW_REGISTER(CM_CFSR);
    words[1] = EW_REGISTER(CM_HFSR);
    words[2] = EW_REGISTER(CM_MMFAR);
    words[3] = EW_REGISTER(CM_BFAR);
}
#else
static void read_fault_status(uint32_t *words)
{
    words[0] = words[1] = words[2] = words[3] = 0;
}
#endif

/* Words of the report: exception number, EXC_RETURN, stack pointer, whether the frame is readable, the
 * frame, CFSR, HFSR, MMFAR, BFAR. */
__attribute__((used, noreturn)) void ew_fault_report(const uint32_t *frame, uint32_t exception_return)
{
    /* Stacking failed (MSTKERR, STKERR, STKOF): there is no frame. */
    const uint32_t no_frame = 1u << 4 | 1u << 12 | 1u << 20;
    uint32_t words[REPORT_WORDS];
    read_fault_status(words + 4 + FRAME_WORDS);
    const int inside = frame >= ew_stack_limit && frame + FRAME_WORDS <= ew_stack_top;
    words[0] = EW_REGISTER(CM_ICSR) & 0x1FFu;
    words[1] = exception_return;
    words[2] = (uint32_t)(uintptr_t)frame;
    words[3] = inside && !(words[4 + FRAME_WORDS] & no_frame);
    for (unsigned i = 0; i < FRAME_WORDS; i++) {
        words[4 + i] = words[3] ? frame[i] : 0;
    }
    ew_port_poll_only();
    for (;;) {
        ew_runner_fault(words, REPORT_WORDS);
    }
}

#if CM_HAS_STACK_LIMIT
#define LIFT_STACK_LIMIT "movs r3, #0\n msr msplim, r3\n"
#else
#define LIFT_STACK_LIMIT
#endif

/* Armv6-M instructions only. */
__attribute__((naked)) void ew_fault(void)
{
    __asm__ volatile(LIFT_STACK_LIMIT "mov r1, lr\n"
                                      "movs r2, #4\n"
                                      "mrs r0, msp\n"
                                      "tst r1, r2\n"
                                      "beq 1f\n"
                                      "mrs r0, psp\n"
                                      "1: ldr r3, =ew_fault_stack + 512\n"
                                      "msr msp, r3\n"
                                      "ldr r3, =ew_fault_report\n"
                                      "bx r3\n"
                                      ".ltorg");
}
