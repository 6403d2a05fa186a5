/* SPDX-License-Identifier: Apache-2.0 */
/* ew_crc32.h: the checksum of frames, inputs, outputs and layers. */
#ifndef EW_CRC32_H
#define EW_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 of IEEE 802.3, as zlib computes it, over more bytes; start with crc = 0. */
uint32_t ew_crc32(uint32_t crc, const void *bytes, size_t count);

#endif
