/* SPDX-License-Identifier: Apache-2.0 */
#include "ew_trace.h"

#include "ew_crc32.h"
#include "ew_model.h"
#include "ew_model_info.h"
#include "ew_port.h"

static ew_trace_record_t records[EW_MODEL_LAYER_COUNT];
static ew_trace_t current;
static uint32_t stop_layer, since;

int ew_trace_layer(unsigned index, const void *y, size_t bytes)
{
    const uint32_t now = ew_port_time();
    if (index < EW_MODEL_LAYER_COUNT) {
        records[index].time = now - since;
        records[index].crc = ew_crc32(0, y, bytes);
        current.count = index + 1;
    }
    const int stop = index == stop_layer;
    if (stop) {
        current.stopped = y;
        current.stopped_bytes = (uint32_t)bytes;
    }
    since = ew_port_time(); /* the checksum is not part of the next layer */
    return stop;
}

static int run(void)
{
    since = ew_port_time();
    return ew_model_run_traced();
}

int ew_trace_run(uint32_t stop_after, ew_trace_t *trace)
{
    const ew_trace_t empty = {records, 0, 0, 0};
    ew_cost_t cost;
    current = empty;
    stop_layer = stop_after;
    const int status = ew_port_measure(run, &cost);
    *trace = current;
    return status;
}
