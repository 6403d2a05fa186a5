/* SPDX-License-Identifier: Apache-2.0 */
#include "ew_frame.h"

#include "ew_crc32.h"
#include "ew_port.h"

ew_frame_counters_t ew_frame_counters;

/* Undoes COBS in place; returns the plain length, or 0 when the code is broken. */
static size_t cobs_decode(uint8_t *bytes, size_t count)
{
    size_t from = 0, to = 0;
    while (from < count) {
        const size_t code = bytes[from++];
        if (code == 0 || from + code - 1 > count) {
            return 0;
        }
        for (size_t i = 1; i < code; i++) {
            bytes[to++] = bytes[from++];
        }
        if (code < 0xFF && from < count) {
            bytes[to++] = 0;
        }
    }
    return to;
}

/* Whether the coded bytes are a frame; then `frame` is it. */
static int is_sound(ew_frame_t *frame, size_t coded_bytes)
{
    const size_t count = cobs_decode(frame->bytes, coded_bytes);
    if (count < EW_FRAME_HEADER_BYTES + EW_FRAME_CRC_BYTES || count > EW_FRAME_MAX_BYTES) {
        return 0;
    }
    frame->payload_bytes = count - EW_FRAME_HEADER_BYTES - EW_FRAME_CRC_BYTES;
    const size_t checked = count - EW_FRAME_CRC_BYTES;
    return ew_crc32(0, frame->bytes, checked) == ew_get_u32(frame->bytes + checked);
}

int ew_frame_receive(ew_frame_t *frame)
{
    size_t count = 0;
    for (;;) {
        const int byte = ew_port_read();
        if (byte < 0) {
            return -1;
        }
        if (byte != 0) {
            if (count < EW_FRAME_CODED_BYTES) {
                frame->bytes[count] = (uint8_t)byte;
            }
            count++;
        } else if (count != 0) {
            if (count <= EW_FRAME_CODED_BYTES && is_sound(frame, count)) {
                ew_frame_counters.accepted++;
                return 0;
            }
            ew_frame_counters.rejected++;
            count = 0;
        }
    }
}

void ew_frame_send(ew_frame_t *frame)
{
    static const uint8_t delimiter = 0;
    const size_t checked = EW_FRAME_HEADER_BYTES + frame->payload_bytes;
    ew_put_u32(frame->bytes + checked, ew_crc32(0, frame->bytes, checked));

    const uint8_t *at = frame->bytes, *end = at + checked + EW_FRAME_CRC_BYTES;
    ew_port_write(&delimiter, 1);
    /* A block is up to 254 bytes without a zero; a zero after it is not sent. The imagined zero behind the
     * last byte ends the last block, hence <=. */
    while (at <= end) {
        size_t run = 0;
        while (at + run < end && at[run] != 0 && run < 254) {
            run++;
        }
        const uint8_t code = (uint8_t)(run + 1);
        ew_port_write(&code, 1);
        ew_port_write(at, run);
        at += run < 254 ? run + 1 : run;
    }
    ew_port_write(&delimiter, 1);
}
