#include "mve/ew_gemm_s8.h"
#include "mve/ew_window_s8.h"

/* Along each output row, every window copied by itself: dilated rows, and outputs of a single row.
 * w: uint32 pixels per segment, uint32 0, then the blocks of ew_gemm_s8_t. */
void ew_conv_windows_s8__mve(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t segment = *(const uint32_t *)p->w;
    const uint32_t window = (uint32_t)p->k_h * p->k_w * p->in_c;
    ew_gemm_s8_t g = ew_gemm_of_conv(p, (const int8_t *)p->w + 8, window);
    g.x = scratch;
    g.x_step = window;
    g.y = y;
    for (uint32_t r = 0; r < p->out_h; r++) {
        const int32_t row = (int32_t)(r * p->stride_h) - p->pad_top;
        for (uint32_t q = 0; q < p->out_w; q += g.pixels) {
            g.pixels = p->out_w - q < segment ? p->out_w - q : segment;
            for (uint32_t i = 0; i < g.pixels; i++) {
                ew_window_rows_s8__mve(p, x, row, p->dilation_h, p->k_h, (int32_t)((q + i) * p->stride_w) - p->pad_left,
                                       (int8_t *)scratch + i * window);
            }
            ew_gemm_s8__mve(&g);
            g.y += g.pixels * p->out_c;
        }
    }
}
