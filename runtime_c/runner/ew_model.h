/* SPDX-License-Identifier: Apache-2.0 */
/* ew_model.h: the one model of a program, under names that do not depend on the model's.
 *
 * ew_model.c is compiled once per model, with EW_MODEL (its C name), EW_MODEL_UPPER (the same in upper
 * case) and EW_MODEL_HEADER (its header, quoted), beside ew_model_info.h that the build makes from the
 * manifest. */
#ifndef EW_MODEL_H
#define EW_MODEL_H

#include <stddef.h>
#include <stdint.h>

/* Inputs, or outputs, laid end to end: the byte space that PUT and GET address. */
typedef enum { EW_MODEL_INPUTS, EW_MODEL_OUTPUTS } ew_model_side_t;

/* Prepares the model in its static arena; returns NAME_init's result. */
int ew_model_start(void);

int ew_model_run(void);

/* The same calls, with ew_trace_layer() after each layer. */
int ew_model_run_traced(void);

/* NAME_selftest() in the same arena; what it held is lost. */
int ew_model_selftest(void);

uint32_t ew_model_layer_count(void);

/* Bytes of a whole side. */
uint32_t ew_model_bytes(ew_model_side_t side);

/* Where byte `offset` of a side lies; *room gets how many bytes follow contiguously. Null at the end. */
int8_t *ew_model_at(ew_model_side_t side, uint32_t offset, uint32_t *room);

/* CRC-32 of a whole side. */
uint32_t ew_model_crc32(ew_model_side_t side);

/* 64 hexadecimal digits. */
const char *ew_model_sha256(void);

/* One JSON object that describes program and model, without a name from the model. */
const char *ew_model_info(void);

#endif
