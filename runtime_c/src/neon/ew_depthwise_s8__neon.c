/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_s8__neon.c: depthwise convolution, channels in lanes, two taps to an int16 product. w: for each 16
 * channels (the last 8 where 8 or fewer are left) the bytes of every tap (an even number of taps), int32 bias, half of
 * int32 mult. */
/* -Os does not unroll the taps; the first scheduling pass spills them. */
#pragma GCC optimize("O3,no-schedule-insns,ira-region=one")

#include "advsimd/ew_panel.h"
#include "neon/ew_kernels__neon.h"
#include "neon/ew_output__neon.h"

#define MAX_PIXELS 4
/* Emits nothing; without it GCC copies the lower half of every weight to a register of its own before the loop. */
#define KEEP_WHOLE() \
    __asm__("" : "+w"(w0), "+w"(w1), "+w"(w2), "+w"(w3), "+w"(w4), "+w"(w5), "+w"(w6), "+w"(w7), "+w"(w8))

/* `rows` rows of n pieces of 16 or 8 outputs. Piece i of row r reads tap t at
 * tap[t] + x_first + r * x_row_step + i * x_step. */
typedef struct {
    const int8_t *const *tap;
    const int8_t *w;
    int8_t *y;
    uint32_t taps; /* even: an odd number is filled up with weights of zero */
    uint32_t x_first, x_step, x_row_step;
    uint32_t y_step, y_row_step;
    uint32_t n, rows;
    int is_nine;
} run_t;

/* Sixteen (or, in the lower half, eight) channels as int32. */
typedef struct {
    int32x4_t quad[4];
} wide_t;

EW_INLINE int8x16_t load(int lanes, const int8_t *from)
{
    return lanes == 16 ? vld1q_s8(from) : vcombine_s8(vld1_s8(from), vdup_n_s8(0));
}

EW_INLINE wide_t load_wide(int lanes, const int8_t *from)
{
    wide_t v;
    for (int i = 0; i < lanes / 4; i++) {
        v.quad[i] = vreinterpretq_s32_s8(vld1q_s8(from + 16 * i));
    }
    return v;
}

/* sum + xa * wa + xb * wb.  Bounds: the packing checks |wa| + |wb| <= 255, and 255 * 128 < 2^15. */
EW_INLINE wide_t add_pair(int lanes, wide_t sum, int8x16_t xa, int8x16_t wa, int8x16_t xb, int8x16_t wb)
{
    int16x8_t t = vmull_s8(vget_low_s8(xa), vget_low_s8(wa));
    t = vmlal_s8(t, vget_low_s8(xb), vget_low_s8(wb));
    sum.quad[0] = vaddw_s16(sum.quad[0], vget_low_s16(t));
    sum.quad[1] = vaddw_high_s16(sum.quad[1], t);
    if (lanes == 16) {
        t = vmlal_high_s8(vmull_high_s8(xa, wa), xb, wb);
        sum.quad[2] = vaddw_s16(sum.quad[2], vget_low_s16(t));
        sum.quad[3] = vaddw_high_s16(sum.quad[3], t);
    }
    return sum;
}

EW_INLINE wide_t add_single(int lanes, wide_t sum, int8x16_t x, int8x16_t w)
{
    int16x8_t t = vmull_s8(vget_low_s8(x), vget_low_s8(w));
    sum.quad[0] = vaddw_s16(sum.quad[0], vget_low_s16(t));
    sum.quad[1] = vaddw_high_s16(sum.quad[1], t);
    if (lanes == 16) {
        t = vmull_high_s8(x, w);
        sum.quad[2] = vaddw_s16(sum.quad[2], vget_low_s16(t));
        sum.quad[3] = vaddw_high_s16(sum.quad[3], t);
    }
    return sum;
}

EW_INLINE void store(int lanes, int8_t *y, wide_t *sum, const wide_t *mult, const ew_output__neon_t *out)
{
    ew_shift__neon(sum->quad, lanes / 4, out);
    const int16x8_t low = ew_centred__neon(sum->quad[0], sum->quad[1], mult->quad[0], mult->quad[1], out);
    if (lanes == 16) {
        const int16x8_t high = ew_centred__neon(sum->quad[2], sum->quad[3], mult->quad[2], mult->quad[3], out);
        vst1q_s8(y, ew_narrowed__neon(low, high, out));
    } else {
        vst1_s8(y, ew_narrowed_half__neon(low, out));
    }
}

/* Nine taps with everything but the input in registers.  Order: stores may alias what a pointer leads to, so
 * that all of it is copied first. */
EW_INLINE void nine_taps(int lanes, const run_t *run, const ew_output__neon_t *to)
{
    const ew_output__neon_t out = *to;
    const int8_t *tap[9];
    for (int t = 0; t < 9; t++) {
        tap[t] = run->tap[t] + run->x_first;
    }
    int8x16_t w0 = load(lanes, run->w), w1 = load(lanes, run->w + lanes), w2 = load(lanes, run->w + 2 * lanes);
    int8x16_t w3 = load(lanes, run->w + 3 * lanes), w4 = load(lanes, run->w + 4 * lanes);
    int8x16_t w5 = load(lanes, run->w + 5 * lanes), w6 = load(lanes, run->w + 6 * lanes);
    int8x16_t w7 = load(lanes, run->w + 7 * lanes), w8 = load(lanes, run->w + 8 * lanes);
    const wide_t bias = load_wide(lanes, run->w + 10 * lanes), mult = load_wide(lanes, run->w + 14 * lanes);
    const uint64_t x_step = run->x_step, y_step = run->y_step;
    int8_t *y_row = run->y;
    uint64_t row = 0;
    for (uint32_t left = run->rows; left; left--, row += run->x_row_step, y_row += run->y_row_step) {
        const uint64_t end = row + run->n * x_step;
        int8_t *y = y_row;
        for (uint64_t at = row; at != end; at += x_step, y += y_step) {
            KEEP_WHOLE();
            wide_t sum = add_single(lanes, bias, load(lanes, tap[8] + at), w8);
            sum = add_pair(lanes, sum, load(lanes, tap[0] + at), w0, load(lanes, tap[1] + at), w1);
            sum = add_pair(lanes, sum, load(lanes, tap[2] + at), w2, load(lanes, tap[3] + at), w3);
            sum = add_pair(lanes, sum, load(lanes, tap[4] + at), w4, load(lanes, tap[5] + at), w5);
            sum = add_pair(lanes, sum, load(lanes, tap[6] + at), w6, load(lanes, tap[7] + at), w7);
            store(lanes, y, &sum, &mult, &out);
        }
    }
}

/* `pixels` pieces side by side from offset `at` of every tap on; weights are loaded once for them. */
EW_INLINE void any_taps(int lanes, int pixels, const run_t *run, uint32_t at, int8_t *y, const ew_output__neon_t *out)
{
    const int8_t *w = run->w;
    wide_t sum[MAX_PIXELS];
    for (int i = 0; i < pixels; i++) {
        sum[i] = load_wide(lanes, w + run->taps * (uint32_t)lanes);
    }
    for (uint32_t t = 0; t < run->taps; t += 2, w += 2 * lanes) {
        const int8_t *a = run->tap[t] + at, *b = run->tap[t + 1] + at;
        const int8x16_t wa = load(lanes, w), wb = load(lanes, w + lanes);
        for (int i = 0; i < pixels; i++, a += run->x_step, b += run->x_step) {
            sum[i] = add_pair(lanes, sum[i], load(lanes, a), wa, load(lanes, b), wb);
        }
    }
    const wide_t mult = load_wide(lanes, w + 4 * lanes);
    for (int i = 0; i < pixels; i++, y += run->y_step) {
        store(lanes, y, &sum[i], &mult, out);
    }
}

EW_INLINE void whole_run(int lanes, const run_t *run, const ew_output__neon_t *out)
{
    if (run->is_nine) {
        nine_taps(lanes, run, out);
        return;
    }
    for (uint32_t r = 0; r < run->rows; r++) {
        uint32_t at = run->x_first + r * run->x_row_step, left = run->n;
        int8_t *y = run->y + r * run->y_row_step;
        for (; left >= MAX_PIXELS; left -= MAX_PIXELS, at += MAX_PIXELS * run->x_step, y += MAX_PIXELS * run->y_step) {
            any_taps(lanes, MAX_PIXELS, run, at, y, out);
        }
        for (; left; left--, at += run->x_step, y += run->y_step) {
            any_taps(lanes, 1, run, at, y, out);
        }
    }
}

static void run_16(const run_t *run, const ew_output__neon_t *out)
{
    whole_run(16, run, out);
}

static void run_8(const run_t *run, const ew_output__neon_t *out)
{
    whole_run(8, run, out);
}

/* Rows as bytes, sixteen at a time, whatever pixel they belong to; weights repeat with the channels.
 * The last piece is moved back to end with the row. */
static void flat_rows(run_t run, const ew_output__neon_t *out)
{
    const uint32_t row_bytes = run.y_row_step;
    run.x_step = run.y_step = 16;
    run.n = row_bytes / 16;
    run_16(&run, out);
    if (row_bytes % 16) {
        run.y += row_bytes - 16;
        run.x_first = row_bytes - 16;
        run.n = 1;
        run_16(&run, out);
    }
}

/* Sixteen channels at a time, then eight when eight or fewer are left; the last block is moved back to end
 * with the last channel. */
static void blocked_rows(run_t run, uint32_t channels, const ew_output__neon_t *out)
{
    int8_t *const y = run.y;
    for (uint32_t c = 0; c < channels;) {
        const uint32_t lanes = channels >= 16 && channels - c > 8 ? 16 : 8;
        run.x_first = c + lanes <= channels ? c : channels - lanes;
        run.y = y + run.x_first;
        if (lanes == 16) {
            run_16(&run, out);
        } else {
            run_8(&run, out);
        }
        run.w += (run.taps + 8) * lanes;
        c += lanes;
    }
}

/* Fewer than eight channels: eight lanes per pixel, of which the first ones count. */
static void narrow_rows(run_t run, uint32_t channels, int8_t *wide, const ew_output__neon_t *out)
{
    int8_t *y = run.y;
    run.y = wide;
    run.y_step = 8;
    run.y_row_step = 8 * run.n;
    run_8(&run, out);
    for (uint32_t i = 0; i < run.rows * run.n; i++) {
        for (uint32_t c = 0; c < channels; c++) {
            *y++ = wide[8 * i + c];
        }
    }
}

void ew_depthwise_s8__neon(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output__neon_t out = ew_output__neon(p->shift, p->y_zero, p->act_min, p->act_max);
    const uint32_t channels = p->out_c, taps = (uint32_t)p->k_h * p->k_w, y_row = p->out_w * channels;
    const int is_flat = p->stride_w == 1 && channels < 16 && 16 % channels == 0 && y_row >= 16;
    const ew_panel_t panel = ew_panel_begin(p, x, scratch, channels / p->in_c);
    const int8_t **tap = (void *)ew_panel_end(&panel);
    run_t run = {
        tap,   p->w,     y, (taps + 1) & ~1u, 0, p->stride_w * channels, p->stride_h * panel.row_bytes, channels,
        y_row, p->out_w, 0, taps == 9};
    ew_panel_taps(&panel, tap);
    for (uint32_t r = 0; r < p->out_h; r += run.rows, run.y += run.rows * y_row) {
        run.rows = ew_panel_fill(&panel, r);
        if (is_flat) {
            flat_rows(run, &out);
        } else if (channels >= 8) {
            blocked_rows(run, channels, &out);
        } else {
            narrow_rows(run, channels, (int8_t *)(tap + taps + 1), &out);
        }
    }
}
