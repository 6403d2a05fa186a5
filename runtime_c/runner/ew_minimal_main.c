/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest program with the model in it: one inference, no input, no output. Its size is what the
 * model costs on a device, and its one run is what `edgewright profile` counts. */
#include EW_MODEL_HEADER

#ifdef EW_ONE_THREAD
#include "threads/ew_threads.h"
#endif

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define MODEL(name)  PASTE(EW_MODEL, name)
#define LIMIT(name)  PASTE(EW_MODEL_UPPER, name)

static uint8_t arena[LIMIT(_ARENA_BYTES)] EW_ALIGNED(LIMIT(_ARENA_ALIGN));
static MODEL(_t) model;

int main(void)
{
#ifdef EW_ONE_THREAD
    ew_threads_limit(1);
#endif
    const int status = MODEL(_init)(&model, arena, sizeof arena);
    return status ? status : MODEL(_run)(&model);
}
