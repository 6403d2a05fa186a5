/* SPDX-License-Identifier: Apache-2.0 */
/* cortex_m.h: the few system registers and instructions of a Cortex-M that the support code touches.
 * Source: Armv6-M (DDI0419), Armv7-M (DDI0403) and Armv8-M (DDI0553) Architecture Reference Manuals. */
#ifndef EW_CORTEX_M_H
#define EW_CORTEX_M_H

#include <stdint.h>

#define EW_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define CM_SYST_CSR   0xE000E010u
#define CM_SYST_RVR   0xE000E014u
#define CM_SYST_CVR   0xE000E018u
#define CM_NVIC_ISER  0xE000E100u
#define CM_NVIC_ICER  0xE000E180u
#define CM_ICSR       0xE000ED04u
#define CM_VTOR       0xE000ED08u
#define CM_AIRCR      0xE000ED0Cu
#define CM_CCR        0xE000ED14u
#define CM_SHCSR      0xE000ED24u
#define CM_CFSR       0xE000ED28u
#define CM_HFSR       0xE000ED2Cu
#define CM_MMFAR      0xE000ED34u
#define CM_BFAR       0xE000ED38u
#define CM_CPACR      0xE000ED88u
#define CM_MPU_TYPE   0xE000ED90u
#define CM_MPU_CTRL   0xE000ED94u
#define CM_MPU_RNR    0xE000ED98u
#define CM_MPU_RBAR   0xE000ED9Cu
#define CM_MPU_RASR   0xE000EDA0u /* Armv6-M and Armv7-M */
#define CM_DEMCR      0xE000EDFCu
#define CM_DWT_CTRL   0xE0001000u
#define CM_DWT_CYCCNT 0xE0001004u
#define CM_DWT_LAR    0xE0001FB0u

#if defined(__ARM_ARCH_8M_BASE__) || defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
#define CM_HAS_STACK_LIMIT 1
#else
#define CM_HAS_STACK_LIMIT 0
#endif

#ifdef __ARM_ARCH_6M__
#define CM_HAS_FAULT_STATUS 0 /* and no VTOR to rely on, no DWT cycle counter */
#else
#define CM_HAS_FAULT_STATUS 1
#endif

#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
#define CM_HAS_FPU 1
#else
#define CM_HAS_FPU 0
#endif

/* From the linker script: addresses only. */
extern uint32_t ew_vectors[], ew_stack_limit[], ew_stack_top[], ew_retained[];
extern uint32_t ew_data_load[], ew_data_start[], ew_data_end[], ew_bss_start[], ew_bss_end[];

static inline void cm_barrier(void)
{
    __asm__ volatile("dsb\n isb" ::: "memory");
}

static inline void cm_mask_interrupts(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
}

static inline void cm_unmask_interrupts(void)
{
    __asm__ volatile("cpsie i\n isb" ::: "memory");
}

static inline void cm_sleep(void)
{
    __asm__ volatile("dsb\n wfi" ::: "memory");
}

static inline uint32_t *cm_stack_pointer(void)
{
    uint32_t *sp;
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    return sp;
}

static inline void cm_enable_interrupt(uint32_t irq)
{
    EW_REGISTER(CM_NVIC_ISER + 4 * (irq / 32)) = 1u << irq % 32;
}

static inline void cm_disable_interrupt(uint32_t irq)
{
    EW_REGISTER(CM_NVIC_ICER + 4 * (irq / 32)) = 1u << irq % 32;
    cm_barrier();
}

/* Resets core and peripherals. */
static inline void cm_request_reset(void)
{
    cm_barrier();
    EW_REGISTER(CM_AIRCR) = 0x05FA0004u;
    for (;;) {
        cm_barrier();
    }
}

#endif
