/* ew_rows_s8.h: input rows widened by their padding, for kernels that slide a window.
 *
 * Scratch holds a ring of the rows that one output row reads, and one row of x_zero that stands for every
 * row outside the input. Each input row is copied once; 16 bytes behind any row may be read.
 */
#ifndef EW_ROWS_S8_H
#define EW_ROWS_S8_H

#include <string.h>

#include "ew_kernels.h"

typedef struct {
    const ew_conv_s8_t *p;
    const int8_t *x;
    int8_t *outside; /* the row of x_zero; the ring follows */
    uint32_t row_bytes, pad_bytes, copied_bytes;
    uint32_t repeat;    /* how often each input byte stands in a row: the multiplier of a depthwise convolution */
    int32_t ring, next; /* slots, and the first input row not yet copied */
} ew_rows_t;

/* Columns that the windows of an output row read. */
static inline uint32_t ew_rows_width(const ew_conv_s8_t *p)
{
    return (p->out_w - 1u) * p->stride_w + (p->k_w - 1u) * p->dilation_w + 1u;
}

static inline ew_rows_t ew_rows_begin(const ew_conv_s8_t *p, const int8_t *x, int8_t *scratch, uint32_t repeat)
{
    const uint32_t width = ew_rows_width(p), inside = width - p->pad_left, pixel_bytes = p->in_c * repeat;
    ew_rows_t rows;
    rows.p = p;
    rows.x = x;
    rows.outside = scratch;
    rows.row_bytes = (width * pixel_bytes + 31) & ~15u;
    rows.pad_bytes = p->pad_left * pixel_bytes;
    rows.copied_bytes = (inside < p->in_w ? inside : p->in_w) * p->in_c;
    rows.repeat = repeat;
    rows.ring = (p->k_h - 1) * p->dilation_h + 1;
    rows.next = 0;
    memset(scratch, p->x_zero, ((uint32_t)rows.ring + 1) * rows.row_bytes);
    return rows;
}

/* Where scratch that the rows do not use begins. */
static inline int8_t *ew_rows_end(const ew_rows_t *rows)
{
    return rows->outside + ((uint32_t)rows->ring + 1) * rows->row_bytes;
}

/* Copy what output row r needs and still lacks; r must not decrease from call to call. */
static inline void ew_rows_advance(ew_rows_t *rows, int32_t r)
{
    const ew_conv_s8_t *p = rows->p;
    const int32_t first = r * p->stride_h - p->pad_top, last = first + rows->ring;
    rows->next = rows->next < first ? first : rows->next;
    for (; rows->next < last && rows->next < p->in_h; rows->next++) {
        int8_t *to = rows->outside + (uint32_t)(rows->next % rows->ring + 1) * rows->row_bytes + rows->pad_bytes;
        const int8_t *from = rows->x + (uint32_t)rows->next * p->in_w * p->in_c;
        if (rows->repeat == 1) {
            memcpy(to, from, rows->copied_bytes);
            continue;
        }
        for (uint32_t i = 0; i < rows->copied_bytes; i++, to += rows->repeat) {
            memset(to, from[i], rows->repeat);
        }
    }
}

/* Row that tap `i` of the window of output row r sees. */
static inline const int8_t *ew_rows_at(const ew_rows_t *rows, int32_t r, int32_t i)
{
    const ew_conv_s8_t *p = rows->p;
    const int32_t row = r * p->stride_h - p->pad_top + i * p->dilation_h;
    return rows->outside + (row < 0 || row >= p->in_h ? 0u : (uint32_t)(row % rows->ring + 1) * rows->row_bytes);
}

#endif
