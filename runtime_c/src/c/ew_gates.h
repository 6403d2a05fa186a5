/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gates.h: what LSTM and GRU share: the linear part of a gate, and sigmoid and tanh by table. */
#ifndef EW_GATES_H
#define EW_GATES_H

#include "ew_dot.h"
#include "ew_fixed_point.h"
#include "ew_kernels.h"

static inline int32_t ew_to_s16(int32_t v)
{
    return ew_clamp_s32(v, INT16_MIN, INT16_MAX);
}

/* round(sat32(acc << shift) * mult / 2^32). */
static inline int32_t ew_scaled_s32(int32_t acc, int32_t mult, unsigned shift)
{
    return EW_SCALED_S32(acc, mult, shift);
}

/* What x [inputs] contributes to row `row` of the gates, in 2^-12; below 2^30. */
static inline int32_t ew_gate_of_x(const ew_gates_t *g, uint32_t row, const int8_t *x, uint32_t inputs)
{
    const int32_t acc = g->x_bias[row] + ew_dot_1x1(x, (const int8_t *)g->wx + row * inputs, inputs);
    return ew_scaled_s32(acc, g->x_mult[row], g->x_shift);
}

/* What h [hidden] contributes. */
static inline int32_t ew_gate_of_h(const ew_gates_t *g, uint32_t row, const int8_t *h, uint32_t hidden)
{
    const int32_t acc = g->h_bias[row] + ew_dot_1x1(h, (const int8_t *)g->wh + row * hidden, hidden);
    return ew_scaled_s32(acc, g->h_mult[row], g->h_shift);
}

/* 2^15 * sigmoid(gate / 2^12), -2^15 <= gate < 2^15: linear between the entries of the table. */
static inline int32_t ew_sigmoid_q15(const ew_gates_t *g, int32_t gate)
{
    const int32_t at = gate + 32768;
    const int16_t *const entry = g->sigmoid + (at >> 8);
    return entry[0] + (((entry[1] - entry[0]) * (at & 255) + 128) >> 8);
}

/* 2^15 * tanh(gate / 2^12) = 2 sigmoid(2 x) - 1; inside int16, as the table ends at sigmoid(8). */
static inline int32_t ew_tanh_q15(const ew_gates_t *g, int32_t gate)
{
    return 2 * ew_sigmoid_q15(g, ew_to_s16(2 * gate)) - 32768;
}

#endif
