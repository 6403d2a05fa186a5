/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_rows.h: a convolution as matrix products of patches that are laid out in scratch.
 *
 * Two layouts, chosen by ew_conv_uses_columns and by kernels/neon/conv.py in the same way:
 * - columns: for one output row, all its input columns one after the other, each the k_h taps above each other.
 *   The windows of neighbouring outputs overlap, so that a value is copied k_h times, not k_h * k_w.
 *   Weights [out_c][k_w][k_h][in_c].
 * - patches: a few pixels, each with its whole window. Weights [out_c][k_h][k_w][in_c].
 */
#ifndef EW_CONV_ROWS_H
#define EW_CONV_ROWS_H

#include <arm_neon.h>

#include "advsimd/ew_gemm.h"
#include "advsimd/ew_panel.h"

static inline int ew_conv_uses_columns(const ew_conv_s8_t *p)
{
    return p->in_c >= 16 && p->dilation_w == 1 && p->k_w > p->stride_w;
}

/* Pixels whose patches are in scratch together: about 4 KB of them. */
static inline uint32_t ew_conv_patch_pixels(uint32_t pitch)
{
    return pitch >= 512 ? 8 : 4096 / pitch;
}

/* n pieces of 16 bytes. */
static inline void ew_copy_pieces(int8_t *to, uint32_t to_pitch, const int8_t *from, uint32_t from_pitch, uint32_t n)
{
    for (; n >= 4; n -= 4, to += 4 * to_pitch, from += 4 * from_pitch) {
        const int8x16_t a = vld1q_s8(from), b = vld1q_s8(from + from_pitch);
        const int8x16_t c = vld1q_s8(from + 2 * from_pitch), d = vld1q_s8(from + 3 * from_pitch);
        vst1q_s8(to, a);
        vst1q_s8(to + to_pitch, b);
        vst1q_s8(to + 2 * to_pitch, c);
        vst1q_s8(to + 3 * to_pitch, d);
    }
    for (; n; n--, to += to_pitch, from += from_pitch) {
        vst1q_s8(to, vld1q_s8(from));
    }
}

/* Three taps of n columns, one piece each, to where they stand above each other. */
static inline __attribute__((always_inline)) void ew_copy_threes(int8_t *to, uint64_t to_pitch, uint64_t tap_pitch,
                                                                 const int8_t *from, uint64_t step, uint64_t row_step,
                                                                 uint32_t n)
{
    for (const int8_t *const end = from + n * step; from != end; from += step, to += to_pitch) {
        const int8x16_t a = vld1q_s8(from), b = vld1q_s8(from + row_step), c = vld1q_s8(from + 2 * row_step);
        vst1q_s8(to, a);
        vst1q_s8(to + tap_pitch, b);
        vst1q_s8(to + 2 * tap_pitch, c);
    }
}

/* All columns for an output row of the panel; a piece that would pass the end of a column's tap is moved back. */
static inline void ew_conv_fill_columns(const ew_panel_t *panel, uint32_t out_row, int8_t *columns)
{
    const ew_conv_s8_t *p = panel->p;
    const uint32_t in_c = p->in_c, column_bytes = p->k_h * in_c, width = ew_panel_width(p);
    for (uint32_t c = 0; c < in_c; c += 16) {
        const uint32_t at = c + 16 <= in_c ? c : in_c - 16;
        if (p->k_h == 3) {
            const int8_t *const from = ew_panel_tap(panel, out_row, 0, 0) + at;
            if (in_c == 16) {
                ew_copy_threes(columns, 48, 16, from, 16, p->dilation_h * panel->row_bytes, width);
            } else {
                ew_copy_threes(columns + at, column_bytes, in_c, from, in_c, p->dilation_h * panel->row_bytes, width);
            }
            continue;
        }
        for (uint32_t i = 0; i < p->k_h; i++) {
            const int8_t *row = ew_panel_tap(panel, out_row, i, 0);
            ew_copy_pieces(columns + i * in_c + at, column_bytes, row + at, in_c, width);
        }
    }
}

/* Short rows of a window: one piece per row, pixel by pixel. k_h is a constant where the caller knows it. */
static inline __attribute__((always_inline)) void ew_copy_windows(int8_t *to, uint32_t pitch, const int8_t *from,
                                                                  uint32_t step, uint32_t n, uint32_t k_h, uint32_t run,
                                                                  uint32_t row_step)
{
    for (; n; n--, to += pitch, from += step) {
        int8_t *row_to = to;
        const int8_t *row = from;
        uint32_t i = 0;
        for (; i + 2 <= k_h; i += 2, row_to += 2 * run, row += 2 * row_step) {
            const int8x16_t a = vld1q_s8(row), b = vld1q_s8(row + row_step);
            vst1q_s8(row_to, a);
            vst1q_s8(row_to + run, b);
        }
        if (i < k_h) {
            vst1q_s8(row_to, vld1q_s8(row));
        }
    }
}

/* Patches of n pixels from pixel q of an output row of the panel on. Order: what a piece writes too far is
 * overwritten by the next tap, or lies behind the patch, where weights are zero. */
static inline void ew_conv_fill_patches(const ew_panel_t *panel, uint32_t out_row, uint32_t q, uint32_t n, int8_t *to,
                                        uint32_t pitch)
{
    const ew_conv_s8_t *p = panel->p;
    const uint32_t joined = p->dilation_w == 1 ? p->k_w : 1, run = joined * p->in_c;
    const uint32_t step = (uint32_t)p->stride_w * p->in_c, row_step = p->dilation_h * panel->row_bytes;
    const int8_t *const first = ew_panel_tap(panel, out_row, 0, 0) + q * step;
    if (joined == p->k_w && run <= 16) {
        if (p->k_h == 3) {
            ew_copy_windows(to, pitch, first, step, n, 3, run, row_step);
        } else {
            ew_copy_windows(to, pitch, first, step, n, p->k_h, run, row_step);
        }
        return;
    }
    for (uint32_t i = 0; i < p->k_h; i++) {
        for (uint32_t j = 0; j < p->k_w; j += joined, to += run) {
            const int8_t *from = first + i * row_step + j * p->dilation_w * p->in_c;
            for (uint32_t c = 0; c < run; c += 16) {
                ew_copy_pieces(to + c, pitch, from + c, step, n);
            }
        }
    }
}

/* One output row at a time. */
static inline int8_t *ew_conv_column_rows(ew_gemm_fn *gemm, const ew_gemm_t *g, const ew_panel_t *panel,
                                          uint32_t out_rows, int8_t *columns, int8_t *y)
{
    const ew_conv_s8_t *p = panel->p;
    for (uint32_t i = 0; i < out_rows; i++, y += (uint32_t)p->out_w * p->out_c) {
        ew_conv_fill_columns(panel, i, columns);
        gemm(g, columns, (uint32_t)p->stride_w * p->k_h * p->in_c, y, p->out_w);
    }
    return y;
}

/* As many pixels at a time as scratch holds: a part of an output row, or several of them. */
static inline int8_t *ew_conv_patch_rows(ew_gemm_fn *gemm, const ew_gemm_t *g, const ew_panel_t *panel,
                                         uint32_t out_rows, int8_t *patches, int8_t *y)
{
    const ew_conv_s8_t *p = panel->p;
    const uint32_t pitch = ew_gemm_row_bytes(g->k) + 16, most = ew_conv_patch_pixels(pitch);
    uint32_t held = 0;
    for (uint32_t i = 0; i < out_rows; i++) {
        for (uint32_t q = 0, n; q < p->out_w; q += n) {
            n = p->out_w - q < most - held ? p->out_w - q : most - held;
            ew_conv_fill_patches(panel, i, q, n, patches + held * pitch, pitch);
            held += n;
            if (held == most || (i + 1 == out_rows && q + n == p->out_w)) {
                gemm(g, patches, pitch, y, held);
                y += held * p->out_c;
                held = 0;
            }
        }
    }
    return y;
}

static inline void ew_conv_rows(ew_gemm_fn *gemm, const ew_conv_s8_t *p, const int8_t *x, int8_t *y, int8_t *scratch)
{
    const uint32_t k = (uint32_t)p->k_h * p->k_w * p->in_c;
    const ew_gemm_t g = {p->w, k, p->out_c, p->shift, p->y_zero, p->act_min, p->act_max};
    const ew_panel_t panel = ew_panel_begin(p, x, scratch, 1);
    int8_t *const laid_out = ew_panel_end(&panel);
    for (uint32_t r = 0; r < p->out_h; r += panel.most_rows) {
        const uint32_t out_rows = ew_panel_fill(&panel, r);
        y = (ew_conv_uses_columns(p) ? ew_conv_column_rows : ew_conv_patch_rows)(gemm, &g, &panel, out_rows, laid_out,
                                                                                 y);
    }
}

#endif
