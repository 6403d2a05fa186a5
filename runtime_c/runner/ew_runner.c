/* SPDX-License-Identifier: Apache-2.0 */
#include "ew_runner.h"

#include <string.h>

#include "ew_frame.h"
#include "ew_model.h"
#include "ew_port.h"
#include "ew_trace.h"

#define NO_ANSWER 0xFFFFFFFFu

typedef struct {
    uint32_t run_id; /* 0: none yet in this session */
    uint32_t words[5];
} run_result_t;

static ew_frame_t frame;
static uint32_t session, runs;
static uint16_t newest_sequence;
static int model_status;
static run_result_t last_run;
static ew_trace_t last_trace;

static void answer_words(const uint32_t *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        ew_put_u32(ew_frame_payload(&frame) + 4 * i, words[i]);
    }
    frame.payload_bytes = 4 * count;
}

/* Every handler reads the request in `frame` and leaves the answer's payload there. It returns 0, or the
 * code of a refusal. */

static uint32_t hello(void)
{
    if (ew_frame_session(&frame) != session) {
        session = ew_frame_session(&frame);
        newest_sequence = ew_frame_sequence(&frame);
        last_run.run_id = 0;
        memset(&last_trace, 0, sizeof last_trace);
    }
    ew_port_status_t port;
    ew_port_status(&port);
    const uint32_t words[] = {
        EW_FRAME_VERSION | EW_FRAME_VERSION << 8 | EW_FRAME_PAYLOAD_BYTES << 16, /* oldest, newest, payload limit */
        port.boot_count,
        port.reset_cause,
        port.time_unit,
        (uint32_t)model_status,
        ew_model_bytes(EW_MODEL_INPUTS),
        ew_model_bytes(EW_MODEL_OUTPUTS),
        ew_model_layer_count(),
        (uint32_t)strlen(ew_model_info()),
    };
    answer_words(words, sizeof words / sizeof *words);
    memcpy(ew_frame_payload(&frame) + frame.payload_bytes, ew_model_sha256(), 64);
    frame.payload_bytes += 64;
    return 0;
}

static uint32_t put(void)
{
    const uint8_t *from = ew_frame_payload(&frame);
    uint32_t offset = ew_frame_argument(&frame), left = (uint32_t)frame.payload_bytes, room;
    const uint32_t total = ew_model_bytes(EW_MODEL_INPUTS);
    if (offset > total || left > total - offset) {
        return EW_REFUSED_RANGE;
    }
    while (left) {
        int8_t *to = ew_model_at(EW_MODEL_INPUTS, offset, &room);
        const uint32_t part = left < room ? left : room;
        memcpy(to, from, part);
        from += part;
        offset += part;
        left -= part;
    }
    frame.payload_bytes = 0;
    return 0;
}

/* A run happens once for each run id: a repeated request gets the first answer again, as the run may have
 * overwritten its input. */
static uint32_t run(void)
{
    const uint32_t run_id = ew_frame_argument(&frame);
    if (frame.payload_bytes != 0 && frame.payload_bytes != 4) {
        return EW_REFUSED_LENGTH;
    }
    if (run_id == 0) {
        return EW_REFUSED_RANGE;
    }
    if (run_id != last_run.run_id) {
        ew_cost_t cost = {0, 0};
        ew_port_deadline(frame.payload_bytes ? ew_get_u32(ew_frame_payload(&frame)) : 0);
        last_run.words[1] = ew_model_crc32(EW_MODEL_INPUTS);
        last_run.words[0] = (uint32_t)ew_port_measure(ew_model_run, &cost);
        last_run.words[2] = ew_model_crc32(EW_MODEL_OUTPUTS);
        last_run.words[3] = cost.time;
        last_run.words[4] = cost.stack_bytes;
        ew_port_deadline(0);
        last_run.run_id = run_id;
        runs++;
    }
    answer_words(last_run.words, 5);
    return 0;
}

static uint32_t trace(void)
{
    const uint32_t run_id = ew_frame_argument(&frame);
    if (frame.payload_bytes != 4 && frame.payload_bytes != 8) {
        return EW_REFUSED_LENGTH;
    }
    if (run_id == 0) {
        return EW_REFUSED_RANGE;
    }
    if (run_id != last_run.run_id) {
        ew_port_deadline(frame.payload_bytes == 8 ? ew_get_u32(ew_frame_payload(&frame) + 4) : 0);
        const uint32_t stop_after = ew_get_u32(ew_frame_payload(&frame));
        last_run.words[1] = ew_model_crc32(EW_MODEL_INPUTS);
        last_run.words[0] = (uint32_t)ew_trace_run(stop_after, &last_trace);
        last_run.words[2] = ew_model_crc32(EW_MODEL_OUTPUTS);
        last_run.words[3] = last_trace.count;
        last_run.words[4] = last_trace.stopped_bytes;
        ew_port_deadline(0);
        last_run.run_id = run_id;
    }
    answer_words(last_run.words, 5);
    return 0;
}

static void get_outputs(uint8_t *to, uint32_t offset, uint32_t left)
{
    while (left) {
        uint32_t room;
        const int8_t *from = ew_model_at(EW_MODEL_OUTPUTS, offset, &room);
        const uint32_t part = left < room ? left : room;
        memcpy(to, from, part);
        to += part;
        offset += part;
        left -= part;
    }
}

static void get_records(uint8_t *to, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, to += 8) {
        ew_put_u32(to, last_trace.records[first + i].crc);
        ew_put_u32(to + 4, last_trace.records[first + i].time);
    }
}

static uint32_t area_bytes(uint32_t area)
{
    switch (area) {
    case EW_AREA_INFO:
        return (uint32_t)strlen(ew_model_info());
    case EW_AREA_OUTPUT:
        return ew_model_bytes(EW_MODEL_OUTPUTS);
    case EW_AREA_TRACE:
        return last_trace.count * 8;
    case EW_AREA_LAYER:
        return last_trace.stopped_bytes;
    default:
        return 0;
    }
}

static uint32_t get(void)
{
    uint8_t *payload = ew_frame_payload(&frame);
    if (frame.payload_bytes != 4) {
        return EW_REFUSED_LENGTH;
    }
    const uint32_t offset = ew_frame_argument(&frame), total = area_bytes(payload[0]);
    const uint32_t area = payload[0], count = ew_get_u16(payload + 2);
    if (count > EW_FRAME_PAYLOAD_BYTES || offset > total || count > total - offset) {
        return EW_REFUSED_RANGE;
    }
    if (area == EW_AREA_INFO) {
        memcpy(payload, ew_model_info() + offset, count);
    } else if (area == EW_AREA_OUTPUT) {
        get_outputs(payload, offset, count);
    } else if (area == EW_AREA_LAYER) {
        memcpy(payload, last_trace.stopped + offset, count);
    } else if ((offset | count) & 7) {
        return EW_REFUSED_RANGE; /* records are whole */
    } else {
        get_records(payload, offset / 8, count / 8);
    }
    frame.payload_bytes = count;
    return 0;
}

static uint32_t selftest(void)
{
    const uint32_t status = (uint32_t)ew_model_selftest();
    answer_words(&status, 1);
    return 0;
}

static uint32_t stats(void)
{
    ew_port_status_t port;
    ew_port_status(&port);
    const uint32_t words[] = {
        port.boot_count, port.reset_cause,           port.stack_bytes,           port.stack_used_bytes,
        port.bytes_lost, ew_frame_counters.accepted, ew_frame_counters.rejected, runs,
    };
    answer_words(words, sizeof words / sizeof *words);
    return 0;
}

static uint32_t handle(void)
{
    const uint8_t type = ew_frame_type(&frame);
    if (frame.bytes[0] != EW_FRAME_VERSION) {
        return EW_REFUSED_VERSION;
    }
    if (type == EW_HELLO) {
        return ew_frame_session(&frame) ? hello() : EW_REFUSED_SESSION;
    }
    if (session == 0 || ew_frame_session(&frame) != session) {
        return EW_REFUSED_SESSION;
    }
    /* A request from before the newest one is an echo of the past: its answer is not wanted any more, and
     * obeying it would undo what came after. */
    const uint16_t age = (uint16_t)(newest_sequence - ew_frame_sequence(&frame));
    if (age != 0 && age < 0x8000u) {
        return NO_ANSWER;
    }
    newest_sequence = ew_frame_sequence(&frame);
    switch (type) {
    case EW_PUT:
        return put();
    case EW_RUN:
        return run();
    case EW_GET:
        return get();
    case EW_TRACE:
        return trace();
    case EW_STATS:
        return stats();
    case EW_SELFTEST:
        return selftest();
    case EW_RESET:
        frame.payload_bytes = 0;
        return 0;
    default:
        return EW_REFUSED_TYPE;
    }
}

static void send(uint8_t type)
{
    frame.bytes[0] = EW_FRAME_VERSION;
    frame.bytes[1] = type;
    ew_frame_send(&frame);
}

int ew_runner_serve(void)
{
    session = 0;
    model_status = ew_model_start();
    memset(frame.bytes, 0, EW_FRAME_HEADER_BYTES);
    frame.payload_bytes = 0;
    send(EW_BOOT);
    while (ew_frame_receive(&frame) == 0) {
        const uint8_t type = ew_frame_type(&frame);
        const uint32_t refusal = handle();
        if (refusal == 0) {
            send(type | EW_ANSWER);
            if (type == EW_RESET) {
                ew_port_reset();
                return 1;
            }
        } else if (refusal != NO_ANSWER) {
            frame.payload_bytes = 0;
            ew_put_u32(frame.bytes + 8, refusal);
            send(EW_REFUSE);
        }
    }
    return 0;
}

void ew_runner_fault(const uint32_t *words, unsigned count)
{
    memset(frame.bytes, 0, EW_FRAME_HEADER_BYTES);
    do {
        answer_words(words, count);
        send(EW_FAULT);
        if (ew_frame_receive(&frame) < 0) {
            return;
        }
    } while (ew_frame_type(&frame) != EW_RESET);
    frame.payload_bytes = 0;
    send(EW_RESET | EW_ANSWER);
    ew_port_reset();
}
