/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include "cortex_m.h"

#ifdef EW_BOARD_STEPS
static const ew_board_step_t steps[] = {EW_BOARD_STEPS};
#define STEPS (sizeof steps / sizeof *steps)

/* Milliseconds: long enough for an oscillator or a PLL. It ends for emulators that do not have the register, and so
 * that a board with a broken crystal still answers, at another baud rate. */
#define TURNS 50000u

static void wait_for(const ew_board_step_t *step)
{
    for (uint32_t turns = TURNS; turns; turns--) {
        if ((EW_REGISTER(step->address) & step->wait) == step->wait_for) {
            return;
        }
    }
}

static void run_steps(void)
{
    for (const ew_board_step_t *step = steps; step < steps + STEPS; step++) {
        if (step->wait) {
            wait_for(step);
        } else {
            /* A register that only takes writes need not be read. */
            const uint32_t kept = ~step->clear ? EW_REGISTER(step->address) & ~step->clear : 0;
            EW_REGISTER(step->address) = kept | step->set;
            cm_barrier();
        }
    }
}
#else
static void run_steps(void) {}
#endif

void ew_board_setup(void)
{
    /* A boot loader may have left its own vectors; a core without the register ignores this. */
    EW_REGISTER(CM_VTOR) = (uint32_t)(uintptr_t)ew_vectors;
    run_steps();
}
