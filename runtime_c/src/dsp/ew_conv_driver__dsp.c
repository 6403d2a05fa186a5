/* SPDX-License-Identifier: Apache-2.0 */
/* ew_conv_driver__dsp.c:
 * The windows of four output pixels are gathered and widened, then multiplied by the GEMM.
 * A window is cut into runs that are contiguous in x: its rows when dilation_w is 1, else its taps.
 * A small padded input is first copied to scratch, with its padding; otherwise a run that touches the padding
 * is completed when it is gathered. */
#include "ew_conv_driver__dsp.h"

#define PADDED_MAX 1024

/* What is the same for all windows of a layer. */
typedef struct {
    const int8_t *x;
    int8_t *patch; /* completed runs */
    int32_t in_h, in_w, in_c;
    int32_t row_bytes;          /* from one input row to the next */
    int32_t k_h, row_step;      /* rows of a window, input rows between them */
    int32_t calls;              /* to widen four windows: 1, or k_h when the columns are dilated */
    int32_t runs_per_row, taps; /* 1 and k_w, or k_w and 1 when the columns are dilated */
    int32_t tap_step;           /* columns from one run to the next of a row */
    int32_t length;             /* bytes of a run */
    int32_t inside_h, inside_w; /* windows that begin from 0 to this row and column touch no padding */
    int32_t stride_h, stride_w;
    int32_t first_row, first_col, end_col; /* where the first window begins, where the windows of a row end */
    int32_t zero;
    uint32_t *rest_words;           /* the K pairs of the left over bytes of four pixels */
    ew_half_s16_t *rest, *rest_px1; /* where left over bytes go, for four pixels and for one */
} layer_t;

/* Where a window begins in the input; negative in the padding. */
typedef struct {
    int32_t row, col;
} place_t;

static place_t following(const layer_t *l, place_t at)
{
    at.col += l->stride_w;
    if (at.col >= l->end_col) {
        at.col = l->first_col;
        at.row += l->stride_h;
    }
    return at;
}

static int is_inside(const layer_t *l, place_t at)
{
    return at.row >= 0 && at.row <= l->inside_h && at.col >= 0 && at.col <= l->inside_w;
}

static const int8_t *address(const layer_t *l, place_t at)
{
    return l->x + at.row * l->row_bytes + at.col * l->in_c;
}

/* A run of a window: where it stands in x, or a copy that is completed with the zero point. */
static const int8_t *run_of(const layer_t *l, place_t at, uint32_t lane)
{
    const int row_is_inside = at.row >= 0 && at.row < l->in_h;
    int8_t *patch = l->patch + (int32_t)lane * ((l->length + 3) & ~3);
    const uint32_t zeros = ew_four_bytes(l->zero);
    if (!row_is_inside || at.col >= l->in_w || at.col + l->taps <= 0) {
        ew_fill__dsp(patch, zeros, l->length);
    } else {
        const int32_t before = at.col < 0 ? -at.col : 0;
        const int32_t behind = at.col + l->taps > l->in_w ? at.col + l->taps - l->in_w : 0;
        const int32_t seen = l->taps - before - behind;
        if (seen == l->taps) {
            return address(l, at);
        }
        at.col += before;
        int8_t *to = ew_fill__dsp(patch, zeros, before * l->in_c);
        to = ew_copy__dsp(to, address(l, at), seen * l->in_c);
        ew_fill__dsp(to, zeros, behind * l->in_c);
    }
    return patch;
}

/* Four windows that touch no padding and begin at windows->x. */
static void gather_inside(const layer_t *l, const ew_windows__dsp_t *windows, uint32_t *d)
{
    ew_windows__dsp_t row;
    if (l->calls == 1) {
        ew_widen_px4__dsp(windows, d, l->rest);
        return;
    }
    row = *windows;
    for (int32_t i = 0; i < l->calls; i++) {
        ew_widen_px4__dsp(&row, d, ew_rest_at(l->rest_words, 4, (uint32_t)i * row.runs * row.left));
        d += 8 * row.groups * row.runs;
        for (uint32_t lane = 0; lane < 4; lane++) {
            row.x[lane] += l->row_step * l->row_bytes;
        }
    }
}

/* Any four windows. */
static void gather_px4(const layer_t *l, const place_t at[4], uint32_t *d)
{
    const uint32_t length = (uint32_t)l->length;
    ew_windows__dsp_t windows = {{0, 0, 0, 0}, length / 4, length % 4, 1, 0};
    uint32_t rest_at = 0;
    int whole[4]; /* columns of a window without dilation are all inside */
    for (uint32_t lane = 0; lane < 4; lane++) {
        whole[lane] = at[lane].col >= 0 && at[lane].col <= l->inside_w && l->runs_per_row == 1;
    }
    for (int32_t i = 0; i < l->k_h; i++) {
        for (int32_t j = 0; j < l->runs_per_row; j++) {
            for (uint32_t lane = 0; lane < 4; lane++) {
                const place_t run = {at[lane].row + i * l->row_step, at[lane].col + j * l->tap_step};
                const int inside = whole[lane] && run.row >= 0 && run.row < l->in_h;
                windows.x[lane] = inside ? address(l, run) : run_of(l, run, lane);
            }
            ew_widen_px4__dsp(&windows, d, ew_rest_at(l->rest_words, 4, rest_at));
            d += 8 * windows.groups;
            rest_at += windows.left;
        }
    }
}

/* Any one window. */
static void gather_px1(const layer_t *l, place_t at, uint32_t *d)
{
    ew_half_s16_t *rest = l->rest_px1;
    for (int32_t i = 0; i < l->k_h; i++) {
        for (int32_t j = 0; j < l->runs_per_row; j++) {
            const place_t run = {at.row + i * l->row_step, at.col + j * l->tap_step};
            d = ew_widen_px1__dsp(run_of(l, run, 0), (uint32_t)l->length, d, rest);
            rest += l->length % 4;
        }
    }
}

static layer_t layer_of(const ew_conv_s8_t *p, const int8_t *x, uint32_t *a)
{
    const int dilated = p->dilation_w > 1 && p->k_w > 1;
    layer_t l;
    l.x = x;
    l.in_h = p->in_h;
    l.in_w = p->in_w;
    l.in_c = p->in_c;
    l.row_bytes = p->in_w * p->in_c;
    l.k_h = p->k_h;
    l.row_step = p->dilation_h;
    l.calls = dilated ? p->k_h : 1;
    l.runs_per_row = dilated ? p->k_w : 1;
    l.taps = dilated ? 1 : p->k_w;
    l.tap_step = p->dilation_w;
    l.length = l.taps * p->in_c;
    l.stride_h = p->stride_h;
    l.stride_w = p->stride_w;
    l.inside_h = p->in_h - (p->k_h - 1) * p->dilation_h - 1;
    l.inside_w = p->in_w - (p->k_w - 1) * p->dilation_w - 1;
    l.first_row = -(int32_t)p->pad_top;
    l.first_col = -(int32_t)p->pad_left;
    l.end_col = l.first_col + p->out_w * p->stride_w;
    l.zero = p->x_zero;
    const uint32_t runs = (uint32_t)(p->k_h * l.runs_per_row), length = (uint32_t)l.length;
    l.rest_words = a + runs * (length / 4) * 8;
    l.rest = ew_rest_at(l.rest_words, 4, 0);
    l.rest_px1 = ew_rest_at(a, 1, runs * (length / 4 * 4));
    l.patch = (int8_t *)(a + 4 * ew_gemm_kpairs(runs, length));
    return l;
}

/* Replace the input by a padded copy if that is small. */
static void pad_input(layer_t *l, const ew_conv_s8_t *p)
{
    const int32_t rows = (p->out_h - 1) * p->stride_h + (p->k_h - 1) * p->dilation_h + 1;
    const int32_t cols = (p->out_w - 1) * p->stride_w + (p->k_w - 1) * p->dilation_w + 1;
    const int32_t row_bytes = cols * p->in_c, first = p->pad_left * p->in_c;
    const int32_t seen = first + l->row_bytes > row_bytes ? row_bytes - first : l->row_bytes;
    const int32_t padding = p->pad_top || p->pad_left || rows > p->in_h || cols > p->in_w;
    if (!padding || rows * row_bytes > PADDED_MAX) {
        return;
    }
    ew_fill__dsp(l->patch, ew_four_bytes(l->zero), rows * row_bytes);
    for (int32_t i = 0; i < p->in_h && i + p->pad_top < rows; i++) {
        ew_copy__dsp(l->patch + (i + p->pad_top) * row_bytes + first, l->x + i * l->row_bytes, seen);
    }
    l->x = l->patch;
    l->row_bytes = row_bytes;
    l->in_h = l->inside_h = rows;
    l->in_w = l->inside_w = cols;
    l->first_row = l->first_col = 0;
    l->end_col = p->out_w * p->stride_w;
}

/* How many times from this place on four windows of one row stand beside each other and touch no padding. */
static uint32_t fours_inside(const layer_t *l, place_t at)
{
    const int32_t in_row = (l->end_col - at.col) / l->stride_w, inside = (l->inside_w - at.col) / l->stride_w + 1;
    return is_inside(l, at) ? (uint32_t)(in_row < inside ? in_row : inside) / 4 : 0;
}

/* Four windows from `next` on, wherever they are; result: the place of the fifth. */
static place_t gather_across(const layer_t *l, place_t next, ew_windows__dsp_t *windows, uint32_t *d)
{
    place_t at[4];
    int inside = 1;
    for (uint32_t lane = 0; lane < 4; lane++) {
        at[lane] = next;
        windows->x[lane] = address(l, next);
        inside &= is_inside(l, next);
        next = following(l, next);
    }
    if (inside) {
        gather_inside(l, windows, d);
    } else {
        gather_px4(l, at, d);
    }
    return next;
}

/* One window for core->px1, or four times the same for core->px4; result: the core to call. */
static ew_gemm__dsp_fn *gather_single(const layer_t *l, place_t at, uint32_t *d, ew_gemm__dsp_t *g)
{
    const place_t same[4] = {at, at, at, at};
    if (g->core->px1) {
        g->a_end = g->a + ew_gemm_kpairs((uint32_t)(l->k_h * l->runs_per_row), (uint32_t)l->length);
        gather_px1(l, at, d);
        return g->core->px1;
    }
    g->px_stride = 0;
    gather_px4(l, same, d);
    return g->core->px4;
}

/* Windows of four pixels that touch no padding, still without a place. */
static ew_windows__dsp_t windows_of(const layer_t *l)
{
    const int dilated = l->runs_per_row > 1;
    const int32_t pitch = dilated ? l->tap_step * l->in_c : l->row_step * l->row_bytes;
    const ew_windows__dsp_t windows = {{0, 0, 0, 0},
                                       (uint32_t)l->length / 4,
                                       (uint32_t)l->length % 4,
                                       (uint32_t)(dilated ? l->runs_per_row : l->k_h),
                                       (uint32_t)(pitch - l->length)};
    return windows;
}

void ew_conv_driver__dsp(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, uint32_t *a,
                         const ew_gemm_core__dsp_t *core)
{
    layer_t l = layer_of(p, x, a);
    const uint32_t kpairs = ew_gemm_kpairs((uint32_t)(l.k_h * l.runs_per_row), (uint32_t)l.length);
    const uint32_t pixels = (uint32_t)p->out_h * p->out_w, four_out = 4u * p->out_c;
    ew_gemm__dsp_t g = {p->out_c, 0, p->y_zero, a, 0, a + 4 * kpairs, core->entry(kpairs), (const uint32_t *)p->w,
                        core};
    uint32_t left = pixels;
    pad_input(&l, p);
    ew_windows__dsp_t windows = windows_of(&l);
    const int32_t step = l.stride_w * l.in_c;
    place_t next = {l.first_row, l.first_col};
    while (left >= 4) {
        uint32_t fours = fours_inside(&l, next);
        if (fours == 0) {
            next = gather_across(&l, next, &windows, a);
            ew_gemm_block__dsp(&g, y, core->px4, 4);
            left -= 4;
            y += four_out;
            continue;
        }
        const place_t last = {next.row, next.col + (4 * (int32_t)fours - 1) * l.stride_w};
        for (int32_t lane = 0; lane < 4; lane++) {
            windows.x[lane] = address(&l, next) + lane * step;
        }
        next = following(&l, last);
        for (left -= 4 * fours; fours; fours--, y += four_out) {
            gather_inside(&l, &windows, a);
            ew_gemm_block__dsp(&g, y, core->px4, 4);
            windows.x[0] += 4 * step;
            windows.x[1] += 4 * step;
            windows.x[2] += 4 * step;
            windows.x[3] += 4 * step;
        }
    }
    for (; left; left--, y += p->out_c, next = following(&l, next)) {
        ew_gemm_block__dsp(&g, y, gather_single(&l, next, a, &g), 1);
    }
    ew_clamp__dsp(y - pixels * p->out_c, pixels * p->out_c, p->act_min, p->act_max);
}
