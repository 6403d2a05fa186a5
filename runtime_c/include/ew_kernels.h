/* SPDX-License-Identifier: Apache-2.0 */
/* ew_kernels.h: parameter structs and contracts of every kernel.
 *
 * Shapes are NHWC with a batch of one; sizes are in elements, and an element is one byte unless the
 * name says otherwise. Activations are int8 with a scale (kept outside) and a zero point. Unless a
 * contract says so, x and y must not overlap. scratch is 8-byte aligned, of the size that the
 * planner was told, or a null pointer when that size is zero. No kernel allocates, recurses, keeps
 * state or touches floating point.
 *
 * A body for one ISA has the same contract and struct with a suffix: ew_conv_s8__dsp. It may ask for
 * another packing of `w`; edgewright/kernels describes each packing beside the code that makes it.
 *
 * Requantization is that of ew_requantize_s8: mult even, 0 <= mult < 2^31; shift is a left shift of
 * the accumulator and nearly always zero. The compiler proves for each layer that its accumulator
 * stays inside int32: |bias| + sum |w| * max |x| < 2^31.
 */
#ifndef EW_KERNELS_H
#define EW_KERNELS_H

#include <stdint.h>

#include "ew.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- convolution ------------------------------------------------------------------------------- */

/* 2-D convolution, groups, strides, dilation and any padding.
 *   x [in_h][in_w][in_c]   y [out_h][out_w][out_c]   w [out_c][k_h][k_w][in_c / groups], in [-127, 127]
 *   acc = bias[o] + sum w * x, where x outside the input counts as x_zero
 * bias already holds -x_zero * sum(w[o]), so the plain int8 values are multiplied.
 * scratch: two windows, 2 * k_h * k_w * in_c / groups bytes; none for a 1x1 window without padding or groups. */
typedef struct {
    const void *w;
    const int32_t *bias; /* [out_c] */
    const int32_t *mult; /* [out_c] */
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t k_h, k_w;
    uint16_t groups;
    uint16_t pad_top, pad_left;
    uint8_t stride_h, stride_w;
    uint8_t dilation_h, dilation_w;
    uint8_t shift;
    int8_t x_zero, y_zero, act_min, act_max;
} ew_conv_s8_t;

void ew_conv_s8(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* Depthwise convolution with channel multiplier out_c / in_c: the ew_conv_s8_t with groups == in_c and
 *   w [k_h][k_w][out_c], in [-127, 127]; output channel o reads input channel o / (out_c / in_c).
 * scratch: a pointer for each of the k_h * k_w taps, then in_c bytes. */
void ew_depthwise_s8(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* Transposed 2-D convolution, groups 1.
 *   x [in_h][in_w][in_c]   y [out_h][out_w][out_c]   w [out_c][k_h][k_w][in_c], in [-127, 127]
 *   out position = in position * stride - pad + k * dilation; each output sums what falls on it.
 * bias does NOT hold the x_zero term (the number of taps varies by position): x - x_zero is multiplied.
 * scratch: two pointers for each of the k_h * k_w taps. */
void ew_conv_transpose_s8(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* Fully connected: y[r][o] = requantize(bias[o] + sum_i w[o][i] * x[r][i]).
 *   x [rows][in_features]   y [rows][out_features]   w [out_features][in_features], in [-127, 127]
 * bias holds -x_zero * sum(w[o]). */
typedef struct {
    const void *w;
    const int32_t *bias; /* [out_features] */
    const int32_t *mult; /* [out_features] */
    uint32_t rows, in_features, out_features;
    uint8_t shift;
    int8_t y_zero, act_min, act_max;
} ew_fc_s8_t;

void ew_fc_s8(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* The same with 4-bit weights, in [-7, 7]: w [ceil(out_features / 2)][in_features], a byte lo + 16 hi for the outputs
 * 2 i and 2 i + 1; hi is 0 behind an odd last output. in_features <= 140,984. */
void ew_fc_w4_s8(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* Product of two activations: y[n] = a[n] . b[n] for n < batch.
 *   a [batch][rows][inner]   b [batch][inner][cols]   y [batch][rows][cols]
 *   acc = sum (a - a_zero) * (b - b_zero)
 * a_stride, b_stride: elements from one batch to the next; 0 repeats the same matrix. */
typedef struct {
    uint32_t batch, rows, inner, cols;
    uint32_t a_stride, b_stride;
    int32_t mult;
    uint8_t shift;
    int8_t a_zero, b_zero, y_zero, act_min, act_max;
} ew_matmul_s8_t;

void ew_matmul_s8(const ew_matmul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);

/* ---- element-wise ------------------------------------------------------------------------------ */

/* Iteration space of an element-wise kernel with broadcasting: y is contiguous [d0][d1][d2][d3], and an
 * operand advances by its stride (in elements, 0 repeats) along each dimension. */
#define EW_BROADCAST_RANK 4
typedef struct {
    uint32_t dims[EW_BROADCAST_RANK];
    uint32_t a_strides[EW_BROADCAST_RANK];
    uint32_t b_strides[EW_BROADCAST_RANK];
} ew_broadcast_t;

/* y[i] = clamp((a[i] * a_mult + b[i] * b_mult + offset) >> shift, act_min, act_max), i < n.
 * offset holds the zero points and the rounding term 2^(shift - 1).
 * Bounds: 128 * (|a_mult| + |b_mult|) + |offset| < 2^31, proven by the compiler. 0 < shift < 31.
 * y may be a or b. */
typedef struct {
    int32_t a_mult, b_mult, offset;
    uint32_t n;
    uint8_t shift;
    int8_t act_min, act_max;
} ew_add_s8_t;

void ew_add_s8(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);

/* The same with broadcasting; n is unused. y may be an operand that is not repeated. */
typedef struct {
    ew_add_s8_t add;
    ew_broadcast_t shape;
} ew_add_broadcast_s8_t;

void ew_add_broadcast_s8(const ew_add_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);

/* y[i] = requantize((a[i] - a_zero) * (b[i] - b_zero)), i < n. y may be a or b. */
typedef struct {
    int32_t mult;
    uint32_t n;
    uint8_t shift;
    int8_t a_zero, b_zero, y_zero, act_min, act_max;
} ew_mul_s8_t;

void ew_mul_s8(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);

typedef struct {
    ew_mul_s8_t mul;
    ew_broadcast_t shape;
} ew_mul_broadcast_s8_t;

void ew_mul_broadcast_s8(const ew_mul_broadcast_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);

/* y[i] = is_max ? max(a[i], b[i]) : min(a[i], b[i]) with broadcasting; one scale for all three.
 * y may be an operand that is not repeated. */
typedef struct {
    ew_broadcast_t shape;
    uint8_t is_max;
} ew_min_max_s8_t;

void ew_min_max_s8(const ew_min_max_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);

/* y[i] = table[x[i] + 128], i < n: every unary function, and requantization. y may be x. */
typedef struct {
    const int8_t *table; /* [256] */
    uint32_t n;
} ew_lut_s8_t;

void ew_lut_s8(const ew_lut_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* y[i][c] = x >= x_zero ? requantize(x - x_zero, mult) : requantize(x - x_zero, negative_mult[c]), and the
 * slope's sign: negative_sign[c] is 1 or -1. x, y [n][channels]. y may be x. */
typedef struct {
    const int32_t *negative_mult; /* [channels] */
    const int8_t *negative_sign;  /* [channels] */
    int32_t mult;
    uint32_t n, channels;
    uint8_t shift;
    int8_t x_zero, y_zero;
} ew_prelu_s8_t;

void ew_prelu_s8(const ew_prelu_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* ---- pooling and reduction --------------------------------------------------------------------- */

/* x [in_h][in_w][channels]   y [out_h][out_w][channels]
 * A window position outside the input is left out.
 * Average: acc = sum over the valid window of (x - x_zero), requantized with mult[valid - count_min],
 * where valid counts the positions inside the input; when count_include_pad all windows have one mult
 * and mult_is_uniform is 1. Maximum: the largest value, clamped to [act_min, act_max]; mult unused. */
typedef struct {
    const int32_t *mult; /* [count_max - count_min + 1], or [1] when uniform */
    uint16_t in_h, in_w, channels;
    uint16_t out_h, out_w;
    uint16_t k_h, k_w;
    uint16_t pad_top, pad_left;
    uint16_t count_min;
    uint8_t stride_h, stride_w;
    uint8_t dilation_h, dilation_w;
    uint8_t mult_is_uniform;
    uint8_t shift;
    int8_t x_zero, y_zero, act_min, act_max;
} ew_pool_s8_t;

void ew_max_pool_s8(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_avg_pool_s8(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* Reduction along the middle of [outer][n][inner]; y [outer][inner].
 * Mean and sum: requantize(sum (x - x_zero)). Maximum and minimum: the value, one scale for x and y.
 * scratch: 4 * inner bytes for ew_reduce_sum_s8. */
typedef struct {
    int32_t mult;
    uint32_t outer, n, inner;
    uint8_t shift;
    uint8_t is_max; /* ew_reduce_max_s8 only: 0 gives the minimum */
    int8_t x_zero, y_zero, act_min, act_max;
} ew_reduce_s8_t;

void ew_reduce_sum_s8(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
void ew_reduce_max_s8(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* y [outer][inner] int32: the index of the largest (is_max) or smallest value along n; the first one,
 * or the last one when select_last. */
typedef struct {
    uint32_t outer, n, inner;
    uint8_t is_max, select_last;
} ew_arg_max_s8_t;

void ew_arg_max_s8(const ew_arg_max_s8_t *p, const int8_t *x, int32_t *y, void *scratch);

/* ---- normalisation ----------------------------------------------------------------------------- */

/* Softmax along n of [outer][n][inner].
 *   e[i] = exp_table[max - x[i]]   y[i] = clamp(y_zero + (e[i] * y_levels + sum / 2) / sum)
 * exp_table[d] is 0 from d = exp_entries on, and before that round(2^16 * exp(-d * x_scale)) - (d == 0): 65,535 at
 * most. y_levels = round(1 / y_scale).
 * Bounds: n <= 65,536 and y_levels <= 32,768 keep everything inside uint32. y may be x. */
typedef struct {
    const uint16_t *exp_table; /* [exp_entries] */
    uint16_t exp_entries;      /* 1 to 256 */
    uint32_t outer, n, inner;
    uint32_t y_levels;
    int8_t y_zero;
} ew_softmax_s8_t;

void ew_softmax_s8(const ew_softmax_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* Log-softmax along n of [outer][n][inner].
 *   sum = sum of exp_table[max - x[i]]   log2_q16(v) = 2^16 * log2(v), rounded down after each squaring
 *   log = ((log2_q16(sum) - 2^20) * log_mult + 2^15) >> 16
 *   y[i] = clamp(y_zero - (((max - x[i]) * x_mult + log + 2^(shift - 1)) >> shift))
 * exp_table as in ew_softmax_s8_t; x_mult = round(x_scale / y_scale * 2^shift), log_mult = round(ln 2 / y_scale
 * * 2^shift). Bounds: 255 * x_mult + 17 * log_mult + 2^shift < 2^31; n <= 65,536; 0 < shift < 31. y may be x. */
typedef struct {
    const uint16_t *exp_table; /* [256] */
    uint32_t outer, n, inner;
    int32_t x_mult, log_mult;
    uint8_t shift;
    int8_t y_zero;
} ew_log_softmax_s8_t;

void ew_log_softmax_s8(const ew_log_softmax_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* Layer normalisation of each row of [rows][n], in deviations scaled by n:
 *   d[i] = n * x[i] - sum x   v = (n * sum x^2 - (sum x)^2) * 2^14 + epsilon   q[i] = 2^27 * d[i] / sqrt(v)
 *   y[i] = clamp((((q[i] * gamma_mult[i] + 2^31) >> 32) + beta[i]) >> 8)
 * With k such that 2^60 <= v * 4^k < 2^62: q[i] = (d[i] * r + 2^(33 - k)) >> (34 - k), where
 * r = min(2^61 / floor(sqrt(v * 4^k)), 2^31 - 1).
 * gamma_mult = round(gamma / y_scale * 2^20), any sign; beta = round((beta / y_scale + y_zero) * 256) + 128.
 * epsilon = max(1, round(epsilon * (n / x_scale)^2 * 2^14)) < 2^60. Bounds: n <= 65,536. y may be x. */
typedef struct {
    const int32_t *gamma_mult; /* [n], |gamma_mult| < 2^31 */
    const int32_t *beta;       /* [n], |beta| < 2^30 */
    uint64_t epsilon;
    uint32_t rows, n;
} ew_layer_norm_s8_t;

void ew_layer_norm_s8(const ew_layer_norm_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* ---- recurrent layers -------------------------------------------------------------------------- */

/* The linear part of all gates of all units, gate by gate; row r = gate * hidden + unit, in 2^-12:
 *   linear[r] = scaled(x_bias[r] + wx[r] . x, x_mult[r]) + scaled(h_bias[r] + wh[r] . h, h_mult[r])
 * where scaled(acc, mult) = (sat32(acc << shift) * mult + 2^31) >> 32, and biases hold the zero points.
 * sigmoid[i] = round(2^15 * sigmoid(i / 16 - 8)); sigmoid and tanh take saturated int16 and are linear between. */
typedef struct {
    const void *wx;         /* int8 [gates * hidden][inputs] */
    const void *wh;         /* int8 [gates * hidden][hidden] */
    const int32_t *x_bias;  /* [gates * hidden] */
    const int32_t *x_mult;  /* [gates * hidden] */
    const int32_t *h_bias;  /* [gates * hidden] */
    const int32_t *h_mult;  /* [gates * hidden] */
    const int16_t *sigmoid; /* [257] */
    uint8_t x_shift, h_shift;
} ew_gates_t;

/* LSTM over x [steps][inputs], from h [hidden] (of the scale of y) and c [hidden]; gates input, output, forget, cell:
 *   cell = sat16(sigmoid(f) * cell + sigmoid(i) * tanh(g)) in 2^-11   y = requantize(sigmoid(o) * tanh(cell))
 * y [steps][hidden], and behind it, when returns_cell, requantize(cell) [hidden]. c becomes a cell by cell_mult / 2^12.
 * reverse: from the last step to the first. y may not overlap any input. scratch: 2 * hidden bytes. */
typedef struct {
    ew_gates_t gates;
    int32_t y_mult, cell_mult, out_cell_mult;
    uint32_t steps, inputs, hidden;
    uint8_t y_shift, out_cell_shift;
    uint8_t reverse, returns_cell;
    int8_t y_zero, cell_zero, out_cell_zero;
} ew_lstm_s8_t;

void ew_lstm_s8(const ew_lstm_s8_t *p, const int8_t *x, const int8_t *h, const int8_t *c, int8_t *y, void *scratch);

/* GRU over x [steps][inputs], from h [hidden] (of the scale of y); gates update, reset, candidate:
 *   n = tanh(linear of x + sigmoid(r) * linear of h) when reset_after, else tanh(linear of x and of sigmoid(r) * h)
 *   unit = n + sigmoid(z) * (unit - n) in 2^-15   y = requantize(unit)
 * y [steps][hidden]. h becomes a unit by unit_mult / 2^12. y may not overlap any input.
 * scratch: 2 * hidden bytes when reset_after, else 3 * hidden. */
typedef struct {
    ew_gates_t gates;
    int32_t y_mult, unit_mult;
    uint32_t steps, inputs, hidden;
    uint8_t y_shift;
    uint8_t reverse, reset_after;
    int8_t y_zero;
} ew_gru_s8_t;

void ew_gru_s8(const ew_gru_s8_t *p, const int8_t *x, const int8_t *h, int8_t *y, void *scratch);

/* ---- data movement ----------------------------------------------------------------------------- */

/* y[y_offset + sum i_k * y_strides[k]] = x[x_offset + sum i_k * x_strides[k]] over all i < dims.
 * Slice, split, concat, transpose, pad, tile, depth-to-space: all are this copy. Strides may be negative
 * or zero on the x side; unused leading dimensions are 1. */
#define EW_COPY_RANK 6
typedef struct {
    uint32_t dims[EW_COPY_RANK];
    int32_t x_strides[EW_COPY_RANK];
    int32_t y_strides[EW_COPY_RANK];
    uint32_t x_offset, y_offset;
} ew_copy_s8_t;

void ew_copy_s8(const ew_copy_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* y[i] = value, i < n. */
typedef struct {
    uint32_t n;
    int8_t value;
} ew_fill_s8_t;

void ew_fill_s8(const ew_fill_s8_t *p, int8_t *y, void *scratch);

/* y[o][j][:] = x[o][indices[j]][:]; x [outer][n][inner], y [outer][count][inner]. */
typedef struct {
    const uint16_t *indices; /* [count], each < n */
    uint32_t outer, n, count, inner;
} ew_gather_s8_t;

void ew_gather_s8(const ew_gather_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* Bilinear resize, x [in_h][in_w][channels], y [out_h][out_w][channels], one scale for both.
 * Row r blends input rows row_index[r] and the next one, with weight row_weight[r] / 2^11 on the second (which
 * is not read when the weight is 0); columns likewise:
 *   y = (sum of the four products + 2^21) >> 22
 * Bounds: 128 * 2^22 + 2^21 < 2^31. */
typedef struct {
    const uint16_t *row_index;  /* [out_h] */
    const uint16_t *row_weight; /* [out_h], 0 to 2048 */
    const uint16_t *col_index;  /* [out_w] */
    const uint16_t *col_weight; /* [out_w], 0 to 2048 */
    uint16_t in_h, in_w, channels;
    uint16_t out_h, out_w;
} ew_resize_linear_s8_t;

void ew_resize_linear_s8(const ew_resize_linear_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

#ifdef __cplusplus
}
#endif

#endif
