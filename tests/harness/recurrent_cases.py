"""Random recurrent layers: odd sizes, both directions, saturated cells, both kinds of GRU."""

import numpy as np

from edgewright.contracts.recurrent import Gates, GruS8, LstmS8, sigmoid_table
from edgewright.numerics import multiplier, quantize_linear
from tests.harness.conv_cases import Random, random_s8
from tests.harness.kernel_program import Case

Y_SCALE = 1 / 128


def gates(rng: Random, count: int, inputs: int, hidden: int, x_zero: int, y_zero: int, size: float) -> Gates:
    rows = count * hidden
    of_x = quantize_linear(
        rng.normal(0, size / inputs**0.5, (rows, inputs)), rng.normal(0, 0.3, rows), 0.02, x_zero, 2.0**-12
    )
    of_h = quantize_linear(
        rng.normal(0, size / hidden**0.5, (rows, hidden)), rng.normal(0, 0.3, rows), Y_SCALE, y_zero, 2.0**-12
    )
    return Gates(
        of_x.weights, of_x.bias, of_x.mult, of_x.shift, of_h.weights, of_h.bias, of_h.mult, of_h.shift, sigmoid_table()
    )  # fmt: skip


def lstm(
    rng: Random, why: str, steps: int, inputs: int, hidden: int, *, reverse: bool = False, cell: bool = True,
    size: float = 1.0, cell_scale: float = 0.05,
) -> Case:  # fmt: skip
    x_zero, y_zero = (int(v) for v in rng.integers(-20, 20, 2))
    to_y, to_cell = multiplier(2.0**-15 / Y_SCALE), multiplier(2.0**-11 / 0.06)
    contract = LstmS8(
        gates(rng, 4, inputs, hidden, x_zero, y_zero, size), steps, inputs, hidden,
        int(to_y.mult[0]), to_y.shift, y_zero, round(cell_scale * 2**23), 5,
        int(to_cell.mult[0]), to_cell.shift, -3, reverse, cell,
    )  # fmt: skip
    return Case(f"lstm {why}", contract, (random_s8(rng, (steps, inputs)), *(random_s8(rng, (hidden,)) for _ in "hc")))


def lstm_table(seed: int = 61) -> list[Case]:
    rng = np.random.default_rng(seed)
    return [
        lstm(rng, "of prime sizes", 5, 7, 11),
        lstm(rng, "of one step, as in a stream", 1, 16, 8),
        lstm(rng, "backwards without the cell", 4, 3, 5, reverse=True, cell=False),
        lstm(rng, "with saturated gates", 6, 8, 6, size=40.0),
        lstm(rng, "with a saturated cell", 3, 4, 6, cell_scale=0.5),
        lstm(rng, "of one unit", 3, 1, 1),
    ]


def gru(
    rng: Random, why: str, steps: int, inputs: int, hidden: int, *, reverse: bool = False, after: bool = True,
    size: float = 1.0,
) -> Case:  # fmt: skip
    x_zero, y_zero = (int(v) for v in rng.integers(-20, 20, 2))
    to_y = multiplier(2.0**-15 / Y_SCALE)
    contract = GruS8(
        gates(rng, 3, inputs, hidden, x_zero, y_zero, size), steps, inputs, hidden,
        int(to_y.mult[0]), to_y.shift, y_zero, round(Y_SCALE * 2**27), reverse, after,
    )  # fmt: skip
    return Case(f"gru {why}", contract, (random_s8(rng, (steps, inputs)), random_s8(rng, (hidden,))))


def gru_table(seed: int = 62) -> list[Case]:
    rng = np.random.default_rng(seed)
    return [
        gru(rng, "of prime sizes", 5, 7, 11),
        gru(rng, "with the reset before", 5, 7, 11, after=False),
        gru(rng, "of one step, as in a stream", 1, 16, 8),
        gru(rng, "backwards", 4, 3, 5, reverse=True, after=False),
        gru(rng, "with saturated gates", 6, 8, 6, size=40.0),
        gru(rng, "of one unit", 3, 1, 1, after=False),
    ]
