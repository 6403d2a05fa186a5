#include "mve/ew_gemm_s8.h"
#include "mve/ew_window_s8.h"

/* Down each output column: the input rows that its windows see are copied once, one run of k_w taps after the
 * other, so that every window is consecutive bytes and neighbours share their rows.
 * w: uint32 rows per segment, uint32 0, then the blocks of ew_gemm_s8_t. */
void ew_conv_columns_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t segment = *(const uint32_t *)p->w;
    const uint32_t run = (uint32_t)p->k_w * p->in_c;
    ew_gemm_s8_t g = ew_gemm_of_conv(p, (const int8_t *)p->w + 8, p->k_h * run);
    g.x = scratch;
    g.x_step = p->stride_h * run;
    g.y_step = (uint32_t)p->out_w * p->out_c;
    for (uint32_t q = 0; q < p->out_w; q++) {
        const int32_t col = (int32_t)(q * p->stride_w) - p->pad_left;
        for (uint32_t r = 0; r < p->out_h; r += g.pixels) {
            g.pixels = p->out_h - r < segment ? p->out_h - r : segment;
            g.y = y + (r * p->out_w + q) * p->out_c;
            ew_window_rows_s8__mve(p, x, (int32_t)(r * p->stride_h) - p->pad_top, 1,
                                   (g.pixels - 1u) * p->stride_h + p->k_h, col, scratch);
            ew_gemm_s8__mve(&g);
        }
    }
}
