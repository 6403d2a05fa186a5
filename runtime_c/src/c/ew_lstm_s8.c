/* SPDX-License-Identifier: Apache-2.0 */
/* ew_lstm_s8.c: an LSTM over a sequence, a unit at a time. */
#include "ew_gates.h"

/* One step of one unit: the new cell, and the output in 2^-15. */
static int32_t one_unit(const ew_lstm_s8_t *p, uint32_t unit, const int8_t *x, const int8_t *h, int16_t *cell)
{
    const ew_gates_t *const g = &p->gates;
    int32_t gate[4];
    for (uint32_t k = 0; k < 4; k++) {
        const uint32_t row = k * p->hidden + unit;
        gate[k] = ew_to_s16(ew_gate_of_x(g, row, x, p->inputs) + ew_gate_of_h(g, row, h, p->hidden));
    }
    /* Bounds: 2^15 * 2^15 each. */
    const int32_t kept = (ew_sigmoid_q15(g, gate[2]) * *cell + 16384) >> 15;
    const int32_t added = (ew_sigmoid_q15(g, gate[0]) * ew_tanh_q15(g, gate[3]) + 262144) >> 19;
    *cell = (int16_t)ew_to_s16(kept + added);
    return (ew_sigmoid_q15(g, gate[1]) * ew_tanh_q15(g, ew_to_s16(2 * *cell)) + 16384) >> 15;
}

void ew_lstm_s8(const ew_lstm_s8_t *p, const int8_t *x, const int8_t *h, const int8_t *c, int8_t *y, void *scratch)
{
    int16_t *const cell = (int16_t *)scratch;
    const uint32_t hidden = p->hidden;
    for (uint32_t i = 0; i < hidden; i++) {
        const int64_t wide = (int64_t)(c[i] - p->cell_zero) * p->cell_mult;
        const int64_t shifted = (wide + 2048) >> 12;
        cell[i] = (int16_t)(shifted < INT16_MIN ? INT16_MIN : (shifted > INT16_MAX ? INT16_MAX : shifted));
    }
    for (uint32_t s = 0; s < p->steps; s++) {
        const uint32_t t = p->reverse ? p->steps - 1 - s : s;
        int8_t *const row = y + t * hidden;
        for (uint32_t i = 0; i < hidden; i++) {
            const int32_t unit = one_unit(p, i, x + t * p->inputs, h, cell + i);
            row[i] = ew_requantize_s8(unit, p->y_mult, p->y_shift, p->y_zero, -128, 127);
        }
        h = row;
    }
    for (uint32_t i = 0; p->returns_cell && i < hidden; i++) {
        y[p->steps * hidden + i] =
            ew_requantize_s8(cell[i], p->out_cell_mult, p->out_cell_shift, p->out_cell_zero, -128, 127);
    }
}
