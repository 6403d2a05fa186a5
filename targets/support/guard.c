/* SPDX-License-Identifier: Apache-2.0 */
/* Source: Armv7-M Architecture Reference Manual (DDI0403), B3.5 PMSAv7 and B3.2.8 CCR; Armv6-M (DDI0419), B3.5. */
#include "guard.h"

#include "cortex_m.h"

#define CCR_DIV_0_TRAP (1u << 4)

/* An array on the stack may step over a guard; what it then hits is no memory, since the stack lies at the bottom of
 * its own. Both count as an overflow within this distance. */
#define REACH_BYTES 0x4000u

int ew_guard_owns(uint32_t address)
{
    const uint32_t limit = (uint32_t)(uintptr_t)ew_stack_limit;
    return address < limit && limit - address <= REACH_BYTES;
}

#if CM_HAS_STACK_LIMIT
/* startup.c has set MSPLIM, which is better. */
static void guard_stack(void) {}
void ew_guard_stop(void) {}
#else
#define GUARD_BYTES    256u /* the smallest region of Armv6-M; Armv7-M could do with 32 */
#define CTRL_ON        5u   /* enabled, with the default map behind it; off in HardFault */
#define RASR_NO_ACCESS (1u << 28 | 7u << 1 | 1u)

static void guard_stack(void)
{
    if (!EW_REGISTER(CM_MPU_TYPE)) {
        return;
    }
    EW_REGISTER(CM_MPU_RNR) = 0;
    EW_REGISTER(CM_MPU_RBAR) = ((uint32_t)(uintptr_t)ew_stack_limit - GUARD_BYTES) & ~(GUARD_BYTES - 1);
    EW_REGISTER(CM_MPU_RASR) = RASR_NO_ACCESS;
    EW_REGISTER(CM_MPU_CTRL) = CTRL_ON;
    cm_barrier();
}

void ew_guard_stop(void)
{
    if (EW_REGISTER(CM_MPU_TYPE)) {
        EW_REGISTER(CM_MPU_CTRL) = 0;
        cm_barrier();
    }
}
#endif

void ew_guard_start(void)
{
    guard_stack();
    if (CM_HAS_FAULT_STATUS) {
        EW_REGISTER(CM_CCR) |= CCR_DIV_0_TRAP;
        cm_barrier();
    }
}
