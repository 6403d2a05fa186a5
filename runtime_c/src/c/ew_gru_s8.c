/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gru_s8.c: a GRU over a sequence, a unit at a time. */
#include "ew_gates.h"

/* Gate `k` of a unit in 2^-12, of x and of h. */
typedef struct {
    int32_t of_x, of_h;
} linear_t;

static linear_t linear(const ew_gru_s8_t *p, uint32_t k, uint32_t unit, const int8_t *x, const int8_t *h)
{
    const uint32_t row = k * p->hidden + unit;
    const linear_t parts = {ew_gate_of_x(&p->gates, row, x, p->inputs), ew_gate_of_h(&p->gates, row, h, p->hidden)};
    return parts;
}

static int32_t gate_q15(const ew_gru_s8_t *p, uint32_t k, uint32_t unit, const int8_t *x, const int8_t *h)
{
    const linear_t parts = linear(p, k, unit, x, h);
    return ew_sigmoid_q15(&p->gates, ew_to_s16(parts.of_x + parts.of_h));
}

/* reset[i] = the reset gate times the unit, as int8 of the scale of y. */
static void reset_units(const ew_gru_s8_t *p, const int8_t *x, const int8_t *h, const int16_t *units, int8_t *reset)
{
    for (uint32_t i = 0; i < p->hidden; i++) {
        const int32_t kept = (gate_q15(p, 1, i, x, h) * units[i] + 16384) >> 15;
        reset[i] = ew_requantize_s8(kept, p->y_mult, p->y_shift, p->y_zero, -128, 127);
    }
}

/* One step of one unit in 2^-15; reset: h scaled by the reset gate, unused when reset_after. */
static int32_t one_unit(const ew_gru_s8_t *p, uint32_t unit, const int8_t *x, const int8_t *h, const int8_t *reset,
                        int32_t before)
{
    linear_t parts = linear(p, 2, unit, x, p->reset_after ? h : reset);
    if (p->reset_after) {
        parts.of_h = (gate_q15(p, 1, unit, x, h) * ew_to_s16(parts.of_h) + 16384) >> 15;
    }
    const int32_t candidate = ew_tanh_q15(&p->gates, ew_to_s16(parts.of_x + parts.of_h));
    const int32_t z = gate_q15(p, 0, unit, x, h);
    /* Bounds: (2^16 - 1) * (2^15 - 1) + 2^14 < 2^31. */
    return candidate + ((z * (before - candidate) + 16384) >> 15);
}

void ew_gru_s8(const ew_gru_s8_t *p, const int8_t *x, const int8_t *h, int8_t *y, void *scratch)
{
    int16_t *const units = (int16_t *)scratch;
    int8_t *const reset = (int8_t *)(units + p->hidden);
    const uint32_t hidden = p->hidden;
    for (uint32_t i = 0; i < hidden; i++) {
        const int64_t wide = (int64_t)(h[i] - p->y_zero) * p->unit_mult;
        const int64_t shifted = (wide + 2048) >> 12;
        units[i] = (int16_t)(shifted < INT16_MIN ? INT16_MIN : (shifted > INT16_MAX ? INT16_MAX : shifted));
    }
    for (uint32_t s = 0; s < p->steps; s++) {
        const uint32_t t = p->reverse ? p->steps - 1 - s : s;
        const int8_t *const now = x + t * p->inputs;
        int8_t *const row = y + t * hidden;
        if (!p->reset_after) {
            reset_units(p, now, h, units, reset);
        }
        for (uint32_t i = 0; i < hidden; i++) {
            units[i] = (int16_t)one_unit(p, i, now, h, reset, units[i]);
            row[i] = ew_requantize_s8(units[i], p->y_mult, p->y_shift, p->y_zero, -128, 127);
        }
        h = row;
    }
}
