/* SPDX-License-Identifier: Apache-2.0 */
/* ew_frame.h: the frames of the runner's protocol.
 *
 *     00 | COBS(header | payload | crc32) | 00
 *
 * header, little endian: version u8, type u8, sequence u16, session u32, argument u32.
 * crc32: that of IEEE 802.3 (zlib's), over header and payload, little endian.
 * A zero byte always ends what came before it, so that a receiver is in step again after one frame,
 * whatever was lost.
 */
#ifndef EW_FRAME_H
#define EW_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define EW_FRAME_VERSION       1u
#define EW_FRAME_HEADER_BYTES  12u
#define EW_FRAME_PAYLOAD_BYTES 512u
#define EW_FRAME_CRC_BYTES     4u
#define EW_FRAME_MAX_BYTES     (EW_FRAME_HEADER_BYTES + EW_FRAME_PAYLOAD_BYTES + EW_FRAME_CRC_BYTES)
/* COBS adds one byte per started block of 254. */
#define EW_FRAME_CODED_BYTES (EW_FRAME_MAX_BYTES + EW_FRAME_MAX_BYTES / 254u + 1u)

typedef struct {
    uint8_t bytes[EW_FRAME_CODED_BYTES]; /* header, payload; room for the CRC and the coded form */
    size_t payload_bytes;
} ew_frame_t;

typedef struct {
    uint32_t accepted, rejected; /* frames received: sound, and not */
} ew_frame_counters_t;

extern ew_frame_counters_t ew_frame_counters;

/* Waits for the next sound frame. Returns 0, or -1 when the stream has ended. */
int ew_frame_receive(ew_frame_t *frame);

/* Completes `frame` with its CRC and sends it. */
void ew_frame_send(ew_frame_t *frame);

static inline uint32_t ew_get_u32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint16_t ew_get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline void ew_put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static inline uint8_t ew_frame_type(const ew_frame_t *frame)
{
    return frame->bytes[1];
}

static inline uint16_t ew_frame_sequence(const ew_frame_t *frame)
{
    return ew_get_u16(frame->bytes + 2);
}

static inline uint32_t ew_frame_session(const ew_frame_t *frame)
{
    return ew_get_u32(frame->bytes + 4);
}

static inline uint32_t ew_frame_argument(const ew_frame_t *frame)
{
    return ew_get_u32(frame->bytes + 8);
}

static inline uint8_t *ew_frame_payload(ew_frame_t *frame)
{
    return frame->bytes + EW_FRAME_HEADER_BYTES;
}

#endif
