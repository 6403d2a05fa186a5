/* ew_dw3x3_dsp.h: depthwise 3x3 through row-pair planes; ew_dw3x3_rows_dsp.S describes planes and records. */
#ifndef EW_DW3X3_DSP_H
#define EW_DW3X3_DSP_H

#include "ew_dsp.h"
#include "ew_kernels.h"

/* One or two output rows of `count` output channels. The assembly copies it to its stack as it stands. */
typedef struct {
    int32_t mult; /* a slot it works in */
    int32_t y_zero;
    uint32_t row_bytes; /* from the upper output row to the lower one; 0: there is no lower one */
    uint32_t px_bytes;  /* from one output pixel to the next */
    const uint32_t *w;  /* records */
    const uint32_t *plane;
    int8_t *y; /* first output channel; the others follow */
    uint32_t count;
    uint32_t plane_bytes; /* from the plane of a channel to the next */
    uint32_t pairs_bytes; /* of plane columns under whole pairs of output columns */
    uint32_t odd;         /* 1 when a single output column is left, else 0 */
} ew_dw_rows_dsp_t;

typedef void ew_dw_rows_fn(const ew_dw_rows_dsp_t *s, uint32_t newer);
ew_dw_rows_fn ew_dw3x3_s1_dsp, ew_dw3x3_s2_dsp;

/* The whole layer; `rows` fits its stride, 1 or 2 in both directions. */
void ew_dw3x3_dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, uint32_t *planes, ew_dw_rows_fn *rows);

#endif
