/* -Os does not unroll the lanes; the first scheduling pass spills them. */
#pragma GCC optimize("O3,no-schedule-insns,ira-region=one,no-tree-ter")

#include "neon/ew_output_neon.h"
#include "neon/ew_panel_s8.h"

/* Four rows of one column of sixteen channels: four channels to a vector, each channel its four rows. */
typedef struct {
    int8x16_t four[4];
} column_t;

/* Two output rows of n pieces of sixteen channels. */
typedef struct {
    const int8_t *x; /* first column of the first of four input rows */
    int8_t *upper, *lower;
    const int8_t *w; /* [4 vectors][3 columns][2 rows][16], then bias and half of mult [16] int32 */
    uint64_t x_row_bytes, column_bytes;
    uint64_t upper_step, lower_step;
    uint32_t n;
} pair_t;

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
static void columns_of_16(const pair_t *pair, const ew_output_neon_t *to)
{
    const ew_output_neon_t out = *to;
    pair_t p = *pair;
    column_t a = next_column(&p), b = next_column(&p), c;
    while (p.n >= 3) {
        c = next_column(&p);
        next_piece(&p, &a, &b, &c, &out);
        a = next_column(&p);
        next_piece(&p, &b, &c, &a, &out);
        b = next_column(&p);
        next_piece(&p, &c, &a, &b, &out);
    }
    if (p.n) {
        c = next_column(&p);
        next_piece(&p, &a, &b, &c, &out);
    }
    if (p.n) {
        a = next_column(&p);
        next_piece(&p, &b, &c, &a, &out);
    }
}

/* A piece is two pixels of eight channels; neighbouring pieces share one column. */
static void columns_of_8(const pair_t *pair, const ew_output_neon_t *to)
{
    const ew_output_neon_t out = *to;
    pair_t p = *pair;
    column_t a = next_column(&p), b, c;
    while (p.n >= 2) {
        b = next_column(&p);
        c = next_column(&p);
        next_piece(&p, &a, &b, &c, &out);
        b = next_column(&p);
        a = next_column(&p);
        next_piece(&p, &c, &b, &a, &out);
    }
    if (p.n) {
        b = next_column(&p);
        c = next_column(&p);
        next_piece(&p, &a, &b, &c, &out);
    }
}

/* Rows of eight channels as bytes, sixteen at a time; the last piece is moved back to end with the row. */
static void flat_rows(pair_t p, uint32_t row_bytes, const ew_output_neon_t *out)
{
    p.upper_step = 16;
    p.lower_step = p.lower_step ? 16 : 0;
    p.n = row_bytes / 16;
    columns_of_8(&p, out);
    if (row_bytes % 16) {
        const uint32_t first = row_bytes - 16;
        p.x += first;
        p.upper += first;
        p.lower += p.lower_step ? first : 0;
        p.n = 1;
        columns_of_8(&p, out);
    }
}

/* Sixteen channels at a time; the last block is moved back to end with the last channel. */
static void blocked_rows(pair_t p, uint32_t channels, const ew_output_neon_t *out)
{
    const pair_t all = p;
    for (uint32_t c = 0; c < channels; c += 16, p.w += 512) {
        const uint32_t at = c + 16 <= channels ? c : channels - 16;
        p.x = all.x + at;
        p.upper = all.upper + at;
        p.lower = all.lower + (all.lower_step ? at : 0);
        columns_of_16(&p, out);
    }
}

void ew_depthwise_3x3_s8__sdot(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output_neon_t out = ew_output_neon(p->shift, p->y_zero, p->act_min, p->act_max);
    const uint32_t channels = p->out_c, row = p->out_w * channels;
    const ew_panel_t panel = ew_panel_begin(p, x, scratch, channels / p->in_c);
    int8_t *const nowhere = ew_panel_end(&panel) + panel.row_bytes;
    for (uint32_t r = 0, rows; r < p->out_h; r += rows) {
        rows = ew_panel_fill(&panel, r);
        for (uint32_t i = 0; i < rows; i += 2, y += 2 * row) {
            const int has_lower = i + 1 < rows;
            const pair_t pair = {ew_panel_tap(&panel, i, 0, 0),
                                 y,
                                 has_lower ? y + row : nowhere,
                                 p->w,
                                 panel.row_bytes,
                                 channels,
                                 channels,
                                 has_lower ? channels : 0,
                                 p->out_w};
            if (channels == 8) {
                flat_rows(pair, row, &out);
            } else {
                blocked_rows(pair, channels, &out);
            }
        }
    }
}
