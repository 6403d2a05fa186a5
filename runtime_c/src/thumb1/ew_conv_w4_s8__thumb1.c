/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_w4_s8__thumb1.c: convolutions without groups, 4-bit weights, eight positions at a time. */
#include "c/ew_window.h"
#include "ew_cores_w4__thumb1.h"
#include "thumb1/ew_kernels__thumb1.h"

#define LANES 8
#define STEP  8 /* halfwords from one tap of a position to its next */

/* n taps of one position: x + 128; returns the place behind. */
static uint16_t *raise_taps(const int8_t *x, uint16_t *to, int32_t n)
{
    for (; n >= 4; n -= 4, x += 4, to += 4 * STEP) {
        to[0 * STEP] = (uint8_t)(x[0] + 128);
        to[1 * STEP] = (uint8_t)(x[1] + 128);
        to[2 * STEP] = (uint8_t)(x[2] + 128);
        to[3 * STEP] = (uint8_t)(x[3] + 128);
    }
    for (; n; n--, to += STEP) {
        *to = (uint8_t)(*x++ + 128);
    }
    return to;
}

/* The same for n taps in the padding. */
static uint16_t *fill(int32_t x_zero, uint16_t *to, int32_t n)
{
    for (; n; n--, to += STEP) {
        *to = (uint16_t)(x_zero + 128);
    }
    return to;
}

/* All taps of the output at (row, col). */
static void raise_window(const ew_conv_s8_t *p, const int8_t *x, int32_t row, int32_t col, uint16_t *to)
{
    const ew_span_t rows = ew_span_inside(row * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
    const ew_span_t cols = ew_span_inside(col * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
    const int32_t in_c = p->in_c, row_taps = p->k_w * in_c;
    const int32_t together = p->dilation_w == 1 ? cols.last - cols.first : 1; /* columns that are contiguous */
    to = fill(p->x_zero, to, rows.first * row_taps);
    for (int32_t i = rows.first; i < rows.last; i++) {
        const int8_t *seen = x + ((rows.origin + i * p->dilation_h) * p->in_w + cols.origin) * in_c;
        to = fill(p->x_zero, to, cols.first * in_c);
        for (int32_t j = cols.first; j < cols.last; j += together) {
            to = raise_taps(seen + j * p->dilation_w * in_c, to, together * in_c);
        }
        to = fill(p->x_zero, to, (p->k_w - cols.last) * in_c);
    }
    fill(p->x_zero, to, (p->k_h - rows.last) * row_taps);
}

/* w: the outputs of ew_gemm_px8_w4__thumb1. scratch: 16 bytes for each tap of a window, whose number is rounded up to
 * a multiple of 8; what stands behind the last tap meets weights of zero. */
void ew_conv_w4_s8__thumb1(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_gemm_px8_w4__thumb1_t gemm = {p->w,     (const uint32_t *)scratch,
                                     y,        y + p->out_c,
                                     p->out_c, LANES,
                                     p->shift, ew_output__thumb1(p->y_zero, p->act_min, p->act_max)};
    uint32_t lane = 0;
    for (int32_t r = 0; r < p->out_h; r++) {
        for (int32_t q = 0; q < p->out_w; q++) {
            raise_window(p, x, r, q, (uint16_t *)scratch + lane % 4 * 2 + lane / 4);
            if (++lane == LANES) {
                ew_gemm_px8_w4__thumb1(&gemm);
                gemm.y += LANES * p->out_c;
                gemm.y_end += LANES * p->out_c;
                lane = 0;
            }
        }
    }
    if (lane) {
        gemm.positions = lane;
        ew_gemm_px8_w4__thumb1(&gemm);
    }
}
