/* SPDX-License-Identifier: Apache-2.0 */
/* Source: Armv7-M Architecture Reference Manual (DDI0403), B3.3 SysTick and C1.8 DWT. */
#include "clock_cortex_m.h"

#include "board.h"
#include "cortex_m.h"
#include "ew_port.h"

#define PERIOD         (1u << 24)
#define CSR_ON         7u /* enabled, interrupting, on the clock of the core */
#define ICSR_TICK_SET  (1u << 26)
#define ICSR_PEND_SV   (1u << 28)
#define DEMCR_TRACE_ON (1u << 24)

static volatile uint32_t periods;
/* Periods that are left; 0: for ever. */
static volatile uint32_t left;

/* Both exceptions have the same priority, so PendSV comes when this has returned, with the frame of what was
 * interrupted; its vector is that of a fault. */
void ew_tick(void)
{
    periods = periods + 1;
    if (left && --left == 0) {
        EW_REGISTER(CM_ICSR) = ICSR_PEND_SV;
    }
}

#if EW_BOARD_SYSTICK_CYCLES
static uint32_t start_cycles(void)
{
    return EW_TIME_CYCLES;
}

uint32_t ew_clock_cycles(void)
{
    cm_mask_interrupts();
    uint32_t whole = periods, part = EW_REGISTER(CM_SYST_CVR);
    if (EW_REGISTER(CM_ICSR) & ICSR_TICK_SET) {
        /* It has begun anew, and the tick waits for this function. */
        part = EW_REGISTER(CM_SYST_CVR);
        whole++;
    }
    cm_unmask_interrupts();
    return whole * PERIOD + (PERIOD - 1 - part);
}
#elif CM_HAS_FAULT_STATUS
static uint32_t start_cycles(void)
{
    EW_REGISTER(CM_DEMCR) |= DEMCR_TRACE_ON;
    EW_REGISTER(CM_DWT_LAR) = 0xC5ACCE55u; /* Cortex-M7 locks it */
    EW_REGISTER(CM_DWT_CYCCNT) = 0;
    EW_REGISTER(CM_DWT_CTRL) |= 1u;
    const uint32_t before = ew_clock_cycles();
    cm_barrier();
    return ew_clock_cycles() != before ? EW_TIME_CYCLES : EW_TIME_NONE; /* emulators read zero */
}

uint32_t ew_clock_cycles(void)
{
    return EW_REGISTER(CM_DWT_CYCCNT);
}
#else
static uint32_t start_cycles(void)
{
    return EW_TIME_NONE;
}

uint32_t ew_clock_cycles(void)
{
    return 0;
}
#endif

uint32_t ew_clock_start(void)
{
    EW_REGISTER(CM_SYST_RVR) = PERIOD - 1;
    EW_REGISTER(CM_SYST_CVR) = 0;
    EW_REGISTER(CM_SYST_CSR) = CSR_ON;
    return start_cycles();
}

void ew_clock_deadline(uint32_t milliseconds)
{
    const uint64_t cycles = (uint64_t)milliseconds * (EW_BOARD_CLOCK_HZ / 1000u);
    if (milliseconds) {
        EW_REGISTER(CM_SYST_CVR) = 0; /* begins a period: what takes less than one is not interrupted */
    }
    left = milliseconds ? (uint32_t)(cycles / PERIOD) + 1 : 0;
}
