/* SPDX-License-Identifier: Apache-2.0 */
/* ew_dw_planes__dsp.h: depthwise 3x3 and 5x5 of stride 1 through planes of row pairs; ew_dw3x3_planes__dsp.S and
 * ew_dw5x5_planes__dsp.S describe planes and records.
 *
 * p->w: a record for each output channel, bias and multiplier inside; p->bias and p->mult are not read. p->shift must
 * be 0, in_c 4 or more. planes: 16 * slots * (out_w + kernel - 1) bytes. */
#ifndef EW_DW_PLANES__DSP_H
#define EW_DW_PLANES__DSP_H

#include "c/ew_layout.h"
#include "ew_kernels.h"
#include "ew_simd__dsp.h"

/* Arguments of the assembly, which copies them to its stack as they stand. */
typedef struct {
    int32_t mult; /* a slot it works in */
    int32_t y_zero;
    uint32_t row_bytes; /* from an output row to the next */
    uint32_t px_bytes;  /* from an output pixel to the next */
    const uint32_t *w;  /* records */
    const uint32_t *plane;
    int8_t *y; /* first output channel; the others follow */
    uint32_t count;
    uint32_t plane_bytes;   /* from the plane of an output channel to that of the next */
    uint32_t pairs_bytes;   /* of plane columns under whole pairs of output columns */
    uint32_t odd;           /* 1 when a single output column is left, else 0 */
    uint32_t full_bytes;    /* 4 * steps with two output rows */
    uint32_t half;          /* 1 when a step with one output row follows, else 0 */
    uint32_t plane_advance; /* from the end of a column under the steps to the second next column, in bytes */
    uint32_t y_advance;     /* the same in the output, modulo 2^32 */
} ew_dw_band__dsp_t;
EW_LAYOUT(ew_dw_band__dsp_t, 15, mult, 0, y_zero, 4, row_bytes, 8, px_bytes, 12, w, 16, plane, 20, y, 24, count, 28,
          plane_bytes, 32, pairs_bytes, 36, odd, 40, full_bytes, 44, half, 48, plane_advance, 52, y_advance, 56);

typedef struct {
    const int8_t *rows[4];
    uint32_t px_bytes; /* from an input pixel to the next */
    uint32_t *d;       /* upper one of two words of the first column */
    uint32_t cols;
    uint32_t four_rows_bytes; /* from these rows to those of the next two words */
    uint32_t count;           /* of two words */
} ew_dw_widen__dsp_t;
EW_LAYOUT(ew_dw_widen__dsp_t, 6, rows, 0, px_bytes, 16, d, 20, cols, 24, four_rows_bytes, 28, count, 32);

/* A window and the number of slots: words of a plane column and channel. */
typedef struct {
    uint32_t kernel, slots;
    uint32_t record_words;
    void (*band)(const ew_dw_band__dsp_t *s);
    void (*widen)(const ew_dw_widen__dsp_t *s);
} ew_dw_planes__dsp_t;

void ew_dw3x3_8__dsp(const ew_dw_band__dsp_t *s);
void ew_dw3x3_16__dsp(const ew_dw_band__dsp_t *s);
void ew_dw5x5_8__dsp(const ew_dw_band__dsp_t *s);
void ew_dw_widen_8__dsp(const ew_dw_widen__dsp_t *s);
void ew_dw_widen_16__dsp(const ew_dw_widen__dsp_t *s);

/* The whole layer, in bands of 2 * slots - kernel + 1 output rows. y may be x when their shapes are equal. */
void ew_dw_planes__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, uint32_t *planes,
                       const ew_dw_planes__dsp_t *kind);

#endif
