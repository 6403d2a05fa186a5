/* -Os does not unroll the lanes; the first scheduling pass spills them. */
#pragma GCC optimize("O3,no-schedule-insns,ira-region=one,no-tree-ter")

#include "neon/ew_output_neon.h"
#include "neon/ew_panel_s8.h"

/* Four rows of one column of sixteen channels: four channels to a vector, each channel its four rows. */
typedef struct {
    int8x16_t four[4];
} column_t;

/* Pairs of output rows, each of n pieces of sixteen channels. A last row without a pair has its lower row nowhere. */
typedef struct {
    const int8_t *x; /* first column of the first input row */
    int8_t *y, *nowhere;
    const int8_t *w; /* [4 vectors][3 columns][2 rows][16], then bias and half of mult [16] int32 */
    uint64_t x_row_bytes, column_bytes;
    uint64_t y_row_bytes, step;
    uint32_t rows, n;
} rows_t;

/* What is left of one pair. */
typedef struct {
    const int8_t *x; /* first column of the first of four input rows */
    int8_t *upper, *lower;
    const int8_t *w; /* [4 vectors][3 columns][2 rows][16], then bias and half of mult [16] int32 */
    uint64_t x_row_bytes, column_bytes;
    uint64_t upper_step, lower_step;
    uint32_t n;
} pair_t;

EW_INLINE pair_t pair_of_rows(const rows_t *rows, uint32_t r)
{
    const int has_lower = r + 1 < rows->rows;
    const pair_t pair = {rows->x + r * rows->x_row_bytes,
                         rows->y + r * rows->y_row_bytes,
                         has_lower ? rows->y + (r + 1) * rows->y_row_bytes : rows->nowhere,
                         rows->w,
                         rows->x_row_bytes,
                         rows->column_bytes,
                         rows->step,
                         has_lower ? rows->step : 0,
                         rows->n};
    return pair;
}

/* The column at p->x, which moves on. */
EW_INLINE column_t next_column(pair_t *p)
{
    const int8_t *const x = p->x;
    const int8x16_t a = vld1q_s8(x), b = vld1q_s8(x + p->x_row_bytes);
    const int8x16_t c = vld1q_s8(x + 2 * p->x_row_bytes), d = vld1q_s8(x + 3 * p->x_row_bytes);
    const int16x8_t ab_low = vreinterpretq_s16_s8(vzip1q_s8(a, b)), ab_high = vreinterpretq_s16_s8(vzip2q_s8(a, b));
    const int16x8_t cd_low = vreinterpretq_s16_s8(vzip1q_s8(c, d)), cd_high = vreinterpretq_s16_s8(vzip2q_s8(c, d));
    const column_t column = {
        {vreinterpretq_s8_s16(vzip1q_s16(ab_low, cd_low)), vreinterpretq_s8_s16(vzip2q_s16(ab_low, cd_low)),
         vreinterpretq_s8_s16(vzip1q_s16(ab_high, cd_high)), vreinterpretq_s8_s16(vzip2q_s16(ab_high, cd_high))}};
    p->x += p->column_bytes;
    return column;
}

/* Sixteen int32. */
EW_INLINE void load_16(int32x4_t v[4], const int8_t *from)
{
    for (int i = 0; i < 4; i++) {
        v[i] = vreinterpretq_s32_s8(vld1q_s8(from + 16 * i));
    }
}

EW_INLINE int8x16_t requantized(int32x4_t *sum, const int32x4_t *mult, const ew_output_neon_t *out)
{
    ew_shift_neon(sum, 4, out);
    return ew_narrowed_neon(ew_centred_neon(sum[0], sum[1], mult[0], mult[1], out),
                            ew_centred_neon(sum[2], sum[3], mult[2], mult[3], out), out);
}

/* The upper output row sees input rows 0 to 2 (its weights for row 3 are zero), the lower one 1 to 3. Bias is loaded
 * twice, by LDP, rather than copied; the empty statement hides from GCC that it is the same. */
EW_INLINE void next_piece(pair_t *p, const column_t *left, const column_t *middle, const column_t *right,
                          const ew_output_neon_t *out)
{
    const column_t *const columns[3] = {left, middle, right};
    const int8_t *again = p->w;
    int32x4_t upper[4], lower[4], mult[4];
    __asm__("" : "+r"(again));
    load_16(upper, p->w + 384);
    load_16(lower, again + 384);
    for (int v = 0; v < 4; v++) {
        for (int j = 0; j < 3; j++) {
            const int8x16_t x = columns[j]->four[v], w = vld1q_s8(p->w + 96 * v + 32 * j);
            const int8x16_t w_lower = vld1q_s8(p->w + 96 * v + 32 * j + 16);
            upper[v] = vdotq_s32(upper[v], x, w);
            lower[v] = vdotq_s32(lower[v], x, w_lower);
        }
    }
    load_16(mult, p->w + 448);
    const int8x16_t y = requantized(upper, mult, out), y_lower = requantized(lower, mult, out);
    vst1q_s8(p->upper, y);
    vst1q_s8(p->lower, y_lower);
    p->upper += p->upper_step;
    p->lower += p->lower_step;
    p->n--;
}

/* Neighbouring pieces share two columns. */
EW_INLINE void pair_of_16(pair_t p, const ew_output_neon_t *out)
{
    column_t a = next_column(&p), b = next_column(&p), c;
    while (p.n >= 3) {
        c = next_column(&p);
        next_piece(&p, &a, &b, &c, out);
        a = next_column(&p);
        next_piece(&p, &b, &c, &a, out);
        b = next_column(&p);
        next_piece(&p, &c, &a, &b, out);
    }
    if (p.n) {
        c = next_column(&p);
        next_piece(&p, &a, &b, &c, out);
    }
    if (p.n) {
        a = next_column(&p);
        next_piece(&p, &b, &c, &a, out);
    }
}

/* A piece is two pixels of eight channels; neighbouring pieces share one column. */
EW_INLINE void pair_of_8(pair_t p, const ew_output_neon_t *out)
{
    column_t a = next_column(&p), b, c;
    while (p.n >= 2) {
        b = next_column(&p);
        c = next_column(&p);
        next_piece(&p, &a, &b, &c, out);
        b = next_column(&p);
        a = next_column(&p);
        next_piece(&p, &c, &b, &a, out);
    }
    if (p.n) {
        b = next_column(&p);
        c = next_column(&p);
        next_piece(&p, &a, &b, &c, out);
    }
}

/* Order: copies, as stores to y may alias what a pointer leads to. */
static void rows_of_16(const rows_t *from, const ew_output_neon_t *to)
{
    const rows_t rows = *from;
    const ew_output_neon_t out = *to;
    for (uint32_t r = 0; r < rows.rows; r += 2) {
        pair_of_16(pair_of_rows(&rows, r), &out);
    }
}

static void rows_of_8(const rows_t *from, const ew_output_neon_t *to)
{
    const rows_t rows = *from;
    const ew_output_neon_t out = *to;
    for (uint32_t r = 0; r < rows.rows; r += 2) {
        pair_of_8(pair_of_rows(&rows, r), &out);
    }
}

/* Rows of eight channels as bytes, sixteen at a time; the last piece is moved back to end with the row. */
static void flat_rows(rows_t rows, const ew_output_neon_t *out)
{
    const uint64_t rest = rows.y_row_bytes % 16, last = rows.y_row_bytes - 16;
    rows.step = 16;
    rows.n = (uint32_t)rows.y_row_bytes / 16;
    rows_of_8(&rows, out);
    if (rest) {
        rows.x += last;
        rows.y += last;
        rows.n = 1;
        rows_of_8(&rows, out);
    }
}

/* Sixteen channels at a time; the last block is moved back to end with the last channel. */
static void blocked_rows(rows_t rows, uint32_t channels, const ew_output_neon_t *out)
{
    const rows_t all = rows;
    for (uint32_t c = 0; c < channels; c += 16, rows.w += 512) {
        const uint32_t at = c + 16 <= channels ? c : channels - 16;
        rows.x = all.x + at;
        rows.y = all.y + at;
        rows_of_16(&rows, out);
    }
}

void ew_depthwise_3x3_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output_neon_t out = ew_output_neon(p->shift, p->y_zero, p->act_min, p->act_max);
    const uint32_t channels = p->out_c, y_row_bytes = p->out_w * channels;
    const ew_panel_t panel = ew_panel_begin(p, x, scratch, channels / p->in_c);
    rows_t rows = {ew_panel_tap(&panel, 0, 0, 0),
                   y,
                   ew_panel_end(&panel) + panel.row_bytes,
                   p->w,
                   panel.row_bytes,
                   channels,
                   y_row_bytes,
                   channels,
                   0,
                   p->out_w};
    for (uint32_t r = 0; r < p->out_h; r += rows.rows, rows.y += rows.rows * y_row_bytes) {
        rows.rows = ew_panel_fill(&panel, r);
        if (channels == 8) {
            flat_rows(rows, &out);
        } else {
            blocked_rows(rows, channels, &out);
        }
    }
}
