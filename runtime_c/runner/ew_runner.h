/* SPDX-License-Identifier: Apache-2.0 */
/* ew_runner.h: answers the requests of the host, one at a time.
 *
 * README.md beside this file is the protocol's reference. */
#ifndef EW_RUNNER_H
#define EW_RUNNER_H

#include <stdint.h>

/* Requests; the answer has the type with EW_ANSWER set, and the request's sequence, session and argument. */
#define EW_HELLO    0x01u
#define EW_PUT      0x02u
#define EW_RUN      0x03u
#define EW_GET      0x04u
#define EW_TRACE    0x05u
#define EW_STATS    0x06u
#define EW_RESET    0x07u
#define EW_SELFTEST 0x08u
#define EW_ANSWER   0x80u
#define EW_REFUSE   0x70u /* instead of an answer; its argument is one of the codes below */
#define EW_FAULT    0x71u /* the program faulted; sent at once, and in answer to everything but RESET */

#define EW_REFUSED_VERSION 1u /* protocol version not spoken here */
#define EW_REFUSED_SESSION 2u /* not the current session: the device was reset, or another host greeted it */
#define EW_REFUSED_TYPE    3u /* no such request */
#define EW_REFUSED_RANGE   4u /* offset or length outside the area */
#define EW_REFUSED_LENGTH  5u /* payload of the wrong length */

#define EW_BOOT 0x72u /* unasked, once after a start, as soon as requests can be received */

/* What GET reads. */
#define EW_AREA_INFO   0u /* JSON text about program and model */
#define EW_AREA_OUTPUT 1u /* the model's outputs, end to end */
#define EW_AREA_TRACE  2u /* 8 bytes per layer of the last TRACE: crc32 and time */
#define EW_AREA_LAYER  3u /* output of the layer that the last TRACE stopped after */

/* Serves until the stream ends (returns 0) or the machine was told to reset and could not (returns 1). */
int ew_runner_serve(void);

/* Reports a fault, as `count` words that the port explains, until the host resets the machine. */
void ew_runner_fault(const uint32_t *words, unsigned count);

#endif
