/* SPDX-License-Identifier: Apache-2.0 */
/* ew_trace.h: one run of the model, layer by layer. */
#ifndef EW_TRACE_H
#define EW_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "ew_trace_hook.h"

#define EW_TRACE_NO_STOP 0xFFFFFFFFu

typedef struct {
    uint32_t crc;  /* CRC-32 of the layer's output */
    uint32_t time; /* spent in the layer, in the port's unit */
} ew_trace_record_t;

typedef struct {
    const ew_trace_record_t *records;
    uint32_t count;         /* layers that ran */
    const uint8_t *stopped; /* output of the layer that the run stopped after, in the arena; else null */
    uint32_t stopped_bytes;
} ew_trace_t;

/* Runs the model and stops after layer `stop_after`, or EW_TRACE_NO_STOP. Returns the run's result. The layer's
 * output stays where it is until the arena is written again. */
int ew_trace_run(uint32_t stop_after, ew_trace_t *trace);

#endif
