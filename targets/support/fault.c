/* SPDX-License-Identifier: Apache-2.0 */
/* fault.c: turns a fault into a report on the runner's link. */
#include "cortex_m.h"
#include "ew_runner.h"
#include "guard.h"
#include "port_cortex_m.h"

#define FRAME_WORDS  8u /* r0 to r3, r12, lr, pc, xpsr */
#define STATUS_WORDS 4u
#define REPORT_WORDS (4u + FRAME_WORDS + STATUS_WORDS + 1u)
#define STACK_WORDS  128u
#define PEND_SV      14u

/* Stacking failed (MSTKERR, STKERR, STKOF): there is no frame. */
#define NO_FRAME       (1u << 4 | 1u << 12 | 1u << 20)
#define DATA_ACCESS    (1u << 1 | 1u << 9) /* DACCVIOL, PRECISERR */
#define MMFAR_IS_VALID (1u << 7)
#define BFAR_IS_VALID  (1u << 15)
#define CAUSE_OVERFLOW 1u
#define CAUSE_DEADLINE 2u
#define CAUSE_DIVISION 3u

static uint32_t told_cause;

void ew_fault(void);
void __aeabi_idiv0(void);
void __aeabi_ldiv0(void);
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

/* What the compiler's library calls on a core that does not divide. */
__attribute__((noreturn, noinline)) void __aeabi_idiv0(void)
{
    told_cause = CAUSE_DIVISION;
    __builtin_trap();
}

__attribute__((noreturn, noinline)) void __aeabi_ldiv0(void)
{
    __aeabi_idiv0();
}

/* status: CFSR, HFSR, MMFAR, BFAR. */
static uint32_t find_cause(const uint32_t *frame, uint32_t exception, const uint32_t *status)
{
    const uint32_t cfsr = status[0];
    if (exception == PEND_SV) {
        return CAUSE_DEADLINE;
    }
    const int beside =
        ((cfsr & MMFAR_IS_VALID) && ew_guard_owns(status[2])) || ((cfsr & BFAR_IS_VALID) && ew_guard_owns(status[3]));
    if ((cfsr & NO_FRAME) || ((cfsr & DATA_ACCESS) && beside) || ew_guard_owns((uint32_t)(uintptr_t)frame)) {
        return CAUSE_OVERFLOW;
    }
    return told_cause;
}

/* Words of the report: exception number, EXC_RETURN, stack pointer, whether the frame is readable, the
 * frame, CFSR, HFSR, MMFAR, BFAR, cause. */
__attribute__((used, noreturn)) void ew_fault_report(const uint32_t *frame, uint32_t exception_return)
{
    uint32_t words[REPORT_WORDS];
    uint32_t *const status = words + 4 + FRAME_WORDS;
    ew_guard_stop();
    read_fault_status(status);
    const int inside = frame >= ew_stack_limit && frame + FRAME_WORDS <= ew_stack_top;
    words[0] = EW_REGISTER(CM_ICSR) & 0x1FFu;
    words[1] = exception_return;
    words[2] = (uint32_t)(uintptr_t)frame;
    words[3] = inside && !(status[0] & NO_FRAME);
    for (unsigned i = 0; i < FRAME_WORDS; i++) {
        words[4 + i] = words[3] ? frame[i] : 0;
    }
    status[STATUS_WORDS] = find_cause(frame, words[0], status);
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
