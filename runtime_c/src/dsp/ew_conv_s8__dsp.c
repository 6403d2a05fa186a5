/* ew_conv_s8__dsp.c: convolution of groups 1 with any window, stride, dilation and padding.
 *
 * The windows of four output pixels are gathered and widened, then multiplied by the pair-weight GEMM.
 * A window is cut into runs that are contiguous in x: its rows when dilation_w is 1, else its taps.
 *
 * w: the pair-weight stream of ew_gemm_px4_dsp.S over these runs, bias and multipliers inside; bias and mult are not
 *    read.
 * scratch: 16 * ew_gemm_kpairs(runs, length) bytes, the widened windows, and behind them length bytes rounded up to 8,
 *    a run completed with x_zero.
 * shift must be 0. */
#include "ew_gemm_dsp.h"
#include "ew_kernels.h"

/* What is the same for all windows of a layer. */
typedef struct {
    const ew_conv_s8_t *p;
    const int8_t *x;
    int8_t *patch;
    int32_t row_bytes;          /* from one input row to the next */
    int32_t runs_per_row;       /* 1, or k_w when the columns are dilated */
    int32_t taps;               /* columns of a run */
    uint32_t groups, rest;      /* length of a run: 4 * groups + rest bytes */
    uint32_t whole_kpairs;      /* K pairs in front of those of the left over bytes */
    int32_t inside_h, inside_w; /* windows that begin at 0 to this row and column touch no padding */
} windows_t;

/* A run with x_zero where it is outside the input. */
static const int8_t *patched(const windows_t *win, int32_t row, int32_t col)
{
    const ew_conv_s8_t *p = win->p;
    const uint32_t length = 4 * win->groups + win->rest, zero = ew_four_bytes(p->x_zero);
    for (uint32_t i = 0; i < length; i += 4) {
        ew_store_s8x4(win->patch + i, zero);
    }
    if (row >= 0 && row < p->in_h) {
        const int32_t first = col < 0 ? -col : 0;
        const int32_t last = col + win->taps > p->in_w ? p->in_w - col : win->taps;
        const int8_t *from = win->x + row * win->row_bytes + (col + first) * p->in_c;
        int8_t *to = win->patch + first * p->in_c;
        int32_t left = (last - first) * p->in_c;
        for (; left >= 4; left -= 4, from += 4, to += 4) {
            ew_store_s8x4(to, ew_load_s8x4(from));
        }
        for (; left > 0; left--) {
            *to++ = *from++;
        }
    }
    return win->patch;
}

/* One window, its words `lanes` apart from d on. */
static void gather_px1(const windows_t *win, int32_t row, int32_t col, uint32_t *d, uint32_t lanes)
{
    const ew_conv_s8_t *p = win->p;
    uint32_t *rest_d = d + win->whole_kpairs * lanes;
    uint32_t rest_at = 0;
    for (int32_t i = 0; i < p->k_h; i++, row += p->dilation_h) {
        int32_t run_col = col;
        for (int32_t j = 0; j < win->runs_per_row; j++, run_col += p->dilation_w) {
            const int inside = row >= 0 && row < p->in_h && run_col >= 0 && run_col + win->taps <= p->in_w;
            const int8_t *run = inside ? win->x + row * win->row_bytes + run_col * p->in_c : patched(win, row, run_col);
            d = ew_widen_px1_dsp(run, win->groups, d, lanes);
            ew_widen_rest_dsp(run + 4 * win->groups, win->rest, rest_d, lanes, rest_at);
            rest_at += win->rest;
        }
    }
}

/* Four windows beside each other that touch no padding; x: where the first one begins. */
static void gather_px4(const windows_t *win, const int8_t *x, uint32_t *d)
{
    const ew_conv_s8_t *p = win->p;
    const uint32_t step = (uint32_t)p->stride_w * p->in_c, run_step = (uint32_t)p->dilation_w * p->in_c;
    uint32_t *rest_d = d + win->whole_kpairs * 4;
    uint32_t rest_at = 0;
    for (int32_t i = 0; i < p->k_h; i++, x += win->row_bytes * p->dilation_h) {
        const int8_t *run = x;
        for (int32_t j = 0; j < win->runs_per_row; j++, run += run_step) {
            d = ew_widen_px4_dsp(run, step, win->groups, d);
            if (win->rest) {
                for (uint32_t lane = 0; lane < 4; lane++) {
                    ew_widen_rest_dsp(run + lane * step + 4 * win->groups, win->rest, rest_d + lane, 4, rest_at);
                }
                rest_at += win->rest;
            }
        }
    }
}

void ew_conv_s8__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int32_t runs_per_row = p->dilation_w == 1 ? 1 : p->k_w, taps = p->dilation_w == 1 ? p->k_w : 1;
    const uint32_t length = (uint32_t)(taps * p->in_c), runs = (uint32_t)(p->k_h * runs_per_row);
    const uint32_t kpairs = ew_gemm_kpairs(runs, length), pixels = (uint32_t)p->out_h * p->out_w;
    uint32_t *a = scratch;
    const windows_t win = {p,
                           x,
                           (int8_t *)(a + 4 * kpairs),
                           p->in_w * p->in_c,
                           runs_per_row,
                           taps,
                           length / 4,
                           length % 4,
                           runs * (length / 4) * 2,
                           p->in_h - (p->k_h - 1) * p->dilation_h - 1,
                           p->in_w - (p->k_w - 1) * p->dilation_w - 1};
    ew_gemm_dsp_t g = {p->out_c, 0, p->y_zero, a, 0, a + 4 * kpairs, ew_gemm_entry_px4_dsp(kpairs), p->w};
    int32_t row = -(int32_t)p->pad_top, col = -(int32_t)p->pad_left;
    const int32_t col_end = col + p->out_w * p->stride_w;
    uint32_t left = pixels;
    for (; left >= 4; left -= 4, y += 4 * p->out_c) {
        const int32_t last = col + 3 * p->stride_w;
        if (row >= 0 && row <= win.inside_h && col >= 0 && last <= win.inside_w && last < col_end) {
            gather_px4(&win, x + row * win.row_bytes + col * p->in_c, a);
            col += 4 * p->stride_w;
            if (col >= col_end) {
                col = -(int32_t)p->pad_left;
                row += p->stride_h;
            }
        } else {
            for (uint32_t lane = 0; lane < 4; lane++) {
                gather_px1(&win, row, col, a + lane, 4);
                col += p->stride_w;
                if (col >= col_end) {
                    col = -(int32_t)p->pad_left;
                    row += p->stride_h;
                }
            }
        }
        ew_gemm_block4_dsp(&g, y);
    }
    for (g.a_end = a + kpairs; left; left--, y += p->out_c) {
        gather_px1(&win, row, col, a, 1);
        ew_gemm_block1_dsp(&g, y);
        col += p->stride_w;
        if (col >= col_end) {
            col = -(int32_t)p->pad_left;
            row += p->stride_h;
        }
    }
    ew_clamp_s8_dsp(y - pixels * p->out_c, pixels * p->out_c, p->act_min, p->act_max);
}
