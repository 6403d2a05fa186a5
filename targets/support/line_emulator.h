/* SPDX-License-Identifier: Apache-2.0 */
/* line_emulator.h: the runner's bytes through files that an emulator opens for the program (semihosting).
 *
 * A byte on an emulated UART costs the emulator some 20 microseconds, a file transfer of any length little
 * more. A program may only ask for it when it knows that an emulator is there: on hardware without a
 * debugger the instruction faults. */
#ifndef EW_LINE_EMULATOR_H
#define EW_LINE_EMULATOR_H

#include <stddef.h>
#include <stdint.h>

/* What the emulator's command line puts into the last retained word to offer the files. */
#define EW_LINE_EMULATOR_OFFER 0x0FF34EDAu

/* What goes in and out; a program has one line only, and the mailbox uses the same memory. */
#define EW_LINE_BUFFER_BYTES 1024u
extern uint8_t ew_line_buffers[2][EW_LINE_BUFFER_BYTES];

/* Opens the files; 0 when it cannot. */
int ew_line_emulator_start(void);

/* The next byte, waiting for it; -1 at the end. */
int ew_line_emulator_read(void);

/* Sends at the end of a frame, a zero behind other bytes. */
void ew_line_emulator_write(const uint8_t *bytes, size_t count);

#endif
