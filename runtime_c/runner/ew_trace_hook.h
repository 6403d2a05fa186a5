/* SPDX-License-Identifier: Apache-2.0 */
/* ew_trace_hook.h: included before the second compilation of a model, whose run function reports every
 * layer and stops early when it is told to. */
#ifndef EW_TRACE_HOOK_H
#define EW_TRACE_HOOK_H

#include <stddef.h>

/* Records the layer whose output are `bytes` bytes at y. Not zero: stop the run here. */
int ew_trace_layer(unsigned index, const void *y, size_t bytes);

#define EW_STOPPED 1 /* result of a run that was told to stop after a layer */

#define EW_AFTER_LAYER(index, y, bytes)              \
    do {                                             \
        if (ew_trace_layer((index), (y), (bytes))) { \
            return EW_STOPPED;                       \
        }                                            \
    } while (0)

#endif
