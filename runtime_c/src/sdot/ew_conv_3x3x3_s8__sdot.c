/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_3x3x3_s8__sdot.c: 3x3 convolution of three channels, a row of windows at a time. */
#include "advsimd/ew_panel.h"
#include "c/ew_layout.h"
#include "sdot/ew_kernels__sdot.h"

/* A row of output pixels.
 * x: first byte of the first window; its rows are x_row_bytes apart, two pixels x_step; sixteen bytes of each are read.
 * w: the places of the first and the second pixel's window in three vectors of rows, [2][32]; then blocks of 8 outputs,
 * each four bytes of the window [7 steps][8][4], bias int32 for both pixels, half of mult int32.
 * The scaled sums must lie in int16 (zero point included). */
typedef struct {
    const int8_t *x;
    uint64_t x_row_bytes;
    const int8_t *w;
    uint64_t x_step;
    int8_t *y;
    uint64_t out_c;
    uint64_t pixels, clamps;
    int32_t zero[16]; /* y_zero in each */
    int8_t min[16], max[16];
} ew_conv_3x3x3_t;
EW_LAYOUT(ew_conv_3x3x3_t, 11, x, 0, x_row_bytes, 8, w, 16, x_step, 24, y, 32, out_c, 40, pixels, 48, clamps, 56, zero,
          64, min, 128, max, 144);

void ew_conv_3x3x3_row__sdot(const ew_conv_3x3x3_t *row);

void ew_conv_3x3x3_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_panel_t panel = ew_panel_begin(p, x, (int8_t *)scratch, 1);
    ew_conv_3x3x3_t row = {.x_row_bytes = panel.row_bytes, .w = p->w, .y = y, .out_c = p->out_c, .pixels = p->out_w};
    row.x_step = 2u * p->stride_w * p->in_c;
    row.clamps = p->act_min > -128 || p->act_max < 127;
    for (int i = 0; i < 16; i++) {
        row.zero[i] = p->y_zero;
    }
    memset(row.min, p->act_min, sizeof row.min);
    memset(row.max, p->act_max, sizeof row.max);
    for (uint32_t r = 0; r < p->out_h; r += panel.most_rows) {
        const uint32_t rows = ew_panel_fill(&panel, r);
        for (uint32_t i = 0; i < rows; i++, row.y += (uint32_t)p->out_w * p->out_c) {
            row.x = ew_panel_tap(&panel, i, 0, 0);
            ew_conv_3x3x3_row__sdot(&row);
        }
    }
}
