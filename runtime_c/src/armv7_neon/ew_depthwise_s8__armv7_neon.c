/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_s8__armv7_neon.c: depthwise convolution, eight channels in lanes, two taps to an int16 product. w: for
 * each eight channels the bytes of every tap (an even number of taps), int32 bias, half of int32 mult. */
/* -Os does not unroll the taps; the first scheduling pass spills them. */
#pragma GCC optimize("O3,no-schedule-insns,no-tree-pre")

#include "advsimd/ew_panel.h"
#include "armv7_neon/ew_kernels__armv7_neon.h"
#include "armv7_neon/ew_output__armv7_neon.h"
#include "armv7_neon/ew_stream__armv7_neon.h"

#define LANES      8
#define MAX_PIXELS 4

/* `rows` rows of n pieces of eight outputs. Piece i of row r reads tap t at
 * tap[t] + x_first + r * x_row_step + i * x_step. */
typedef struct {
    const int8_t *const *tap;
    const int8_t *w;
    int8_t *y;
    uint32_t taps; /* even: an odd number is filled up with weights of zero */
    uint32_t x_first, x_step, x_row_step;
    uint32_t y_step, y_row_step;
    uint32_t n, rows;
    uint32_t column_bytes; /* from one tap of a 3x3 window to its right neighbour; 0 for other windows */
} run_t;

typedef struct {
    int32x4_t quad[2];
} wide_t;

EW_INLINE wide_t next_wide(const int8_t **from)
{
    const int32x4_t low = vreinterpretq_s32_s8(ew_next_16(from)), high = vreinterpretq_s32_s8(ew_next_16(from));
    const wide_t v = {{low, high}};
    return v;
}

EW_INLINE wide_t add(wide_t sum, int16x8_t t)
{
    sum.quad[0] = vaddw_s16(sum.quad[0], vget_low_s16(t));
    sum.quad[1] = vaddw_s16(sum.quad[1], vget_high_s16(t));
    return sum;
}

/* sum + xa * wa + xb * wb.  Bounds: the packing checks |wa| + |wb| <= 255, and 255 * 128 < 2^15. */
EW_INLINE wide_t add_pair(wide_t sum, int8x8_t xa, int8x8_t wa, int8x8_t xb, int8x8_t wb)
{
    return add(sum, vmlal_s8(vmull_s8(xa, wa), xb, wb));
}

EW_INLINE void store(int8_t *y, wide_t sum, wide_t mult, const ew_output__armv7_neon_t *out)
{
    ew_shift__armv7_neon(sum.quad, 2, out);
    vst1_s8(y, ew_requantized__armv7_neon(sum.quad[0], sum.quad[1], mult.quad[0], mult.quad[1], out));
}

/* A 3x3 window with everything but the input in registers. */
EW_INLINE void nine_taps(const run_t *run, const ew_output__armv7_neon_t *to)
{
    const ew_output__armv7_neon_t out = *to; /* Order: copies, as stores to y may alias what a pointer leads to. */
    const run_t r = *run;
    const int8_t *from = r.w + 10 * LANES;
    const wide_t bias = next_wide(&from), mult = next_wide(&from);
    int8x8_t w[9];
    for (int t = 0; t < 9; t++) {
        w[t] = vld1_s8(r.w + LANES * t);
    }
    const int32_t right = (int32_t)r.column_bytes, back = (int32_t)r.x_step - 2 * right;
    for (uint32_t row = 0; row < r.rows; row++) {
        const uint32_t at = r.x_first + row * r.x_row_step;
        const int8_t *top = r.tap[0] + at, *middle = r.tap[3] + at, *bottom = r.tap[6] + at;
        int8_t *y = r.y + row * r.y_row_step;
        for (uint32_t n = r.n; n; n--, y += r.y_step) {
            wide_t sum = bias;
            int8x8_t xa = ew_next_8(&top, right), xb = ew_next_8(&top, right);
            sum = add_pair(sum, xa, w[0], xb, w[1]);
            xa = ew_next_8(&top, back), xb = ew_next_8(&middle, right);
            sum = add_pair(sum, xa, w[2], xb, w[3]);
            xa = ew_next_8(&middle, right), xb = ew_next_8(&middle, back);
            sum = add_pair(sum, xa, w[4], xb, w[5]);
            xa = ew_next_8(&bottom, right), xb = ew_next_8(&bottom, right);
            sum = add_pair(sum, xa, w[6], xb, w[7]);
            sum = add(sum, vmull_s8(ew_next_8(&bottom, back), w[8]));
            store(y, sum, mult, &out);
        }
    }
}

/* `pixels` pieces side by side from offset `at` of every tap on; weights are loaded once for them. */
EW_INLINE void any_taps(int pixels, const run_t *run, uint32_t at, int8_t *y, const ew_output__armv7_neon_t *out)
{
    const int8_t *w = run->w, *parameters = run->w + run->taps * LANES;
    const wide_t bias = next_wide(&parameters);
    wide_t sum[MAX_PIXELS];
    for (int i = 0; i < pixels; i++) {
        sum[i] = bias;
    }
    for (uint32_t t = 0; t < run->taps; t += 2) {
        const int8_t *a = run->tap[t] + at, *b = run->tap[t + 1] + at;
        const int8x8_t wa = ew_next_8(&w, LANES), wb = ew_next_8(&w, LANES);
        for (int i = 0; i < pixels; i++) {
            const int8x8_t xa = ew_next_8(&a, (int32_t)run->x_step), xb = ew_next_8(&b, (int32_t)run->x_step);
            sum[i] = add_pair(sum[i], xa, wa, xb, wb);
        }
    }
    const wide_t mult = next_wide(&parameters);
    for (int i = 0; i < pixels; i++, y += run->y_step) {
        store(y, sum[i], mult, out);
    }
}

static void whole_run(const run_t *run, const ew_output__armv7_neon_t *out)
{
    if (run->column_bytes) {
        nine_taps(run, out);
        return;
    }
    for (uint32_t r = 0; r < run->rows; r++) {
        uint32_t at = run->x_first + r * run->x_row_step, left = run->n;
        int8_t *y = run->y + r * run->y_row_step;
        for (; left >= MAX_PIXELS; left -= MAX_PIXELS, at += MAX_PIXELS * run->x_step, y += MAX_PIXELS * run->y_step) {
            any_taps(MAX_PIXELS, run, at, y, out);
        }
        for (; left; left--, at += run->x_step, y += run->y_step) {
            any_taps(1, run, at, y, out);
        }
    }
}

/* Rows as bytes, eight at a time, whatever pixel they belong to; weights repeat with the channels. The last piece
 * is moved back to end with the row. */
static void flat_rows(run_t run, const ew_output__armv7_neon_t *out)
{
    const uint32_t row_bytes = run.y_row_step;
    run.x_step = run.y_step = LANES;
    run.n = row_bytes / LANES;
    whole_run(&run, out);
    if (row_bytes % LANES) {
        run.y += row_bytes - LANES;
        run.x_first = row_bytes - LANES;
        run.n = 1;
        whole_run(&run, out);
    }
}

/* Eight channels at a time; the last block is moved back to end with the last channel. */
static void blocked_rows(run_t run, uint32_t channels, const ew_output__armv7_neon_t *out)
{
    int8_t *const y = run.y;
    for (uint32_t c = 0; c < channels; c += LANES, run.w += (run.taps + 8) * LANES) {
        run.x_first = c + LANES <= channels ? c : channels - LANES;
        run.y = y + run.x_first;
        whole_run(&run, out);
    }
}

/* Fewer than eight channels: eight lanes per pixel, of which the first ones count. */
static void narrow_rows(run_t run, uint32_t channels, int8_t *wide, const ew_output__armv7_neon_t *out)
{
    int8_t *y = run.y;
    run.y = wide;
    run.y_step = LANES;
    run.y_row_step = LANES * run.n;
    whole_run(&run, out);
    for (uint32_t i = 0; i < run.rows * run.n; i++) {
        for (uint32_t c = 0; c < channels; c++) {
            *y++ = wide[LANES * i + c];
        }
    }
}

void ew_depthwise_s8__armv7_neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output__armv7_neon_t out = ew_output__armv7_neon(p->shift, p->y_zero, p->act_min, p->act_max);
    const uint32_t channels = p->out_c, taps = (uint32_t)p->k_h * p->k_w, y_row = p->out_w * channels;
    const int is_flat = p->stride_w == 1 && channels < LANES && LANES % channels == 0 && y_row >= LANES;
    const int is_3x3 = p->k_h == 3 && p->k_w == 3;
    const ew_panel_t panel = ew_panel_begin(p, x, scratch, channels / p->in_c);
    const int8_t **tap = (void *)ew_panel_end(&panel);
    run_t run = {tap,
                 p->w,
                 y,
                 (taps + 1) & ~1u,
                 0,
                 p->stride_w * channels,
                 p->stride_h * panel.row_bytes,
                 channels,
                 y_row,
                 p->out_w,
                 0,
                 is_3x3 ? p->dilation_w * channels : 0};
    ew_panel_taps(&panel, tap);
    for (uint32_t r = 0; r < p->out_h; r += run.rows, run.y += run.rows * y_row) {
        run.rows = ew_panel_fill(&panel, r);
        if (is_flat) {
            flat_rows(run, &out);
        } else if (channels >= LANES) {
            blocked_rows(run, channels, &out);
        } else {
            narrow_rows(run, channels, (int8_t *)(tap + taps + 1), &out);
        }
    }
}
