"""Random recurrent layers: odd sizes, both directions, saturated cells, both kinds of GRU."""

from typing import Any

import numpy as np

from edgewright.contracts.recurrent import GruS8, LstmS8, sigmoid_table
from edgewright.numerics import multiplier, quantize_linear
from tests.harness.conv_cases import Random, random_s8
from tests.harness.kernel_program import Case

Y_SCALE = 1 / 128


def shared(
    rng: Random, count: int, steps: int, inputs: int, hidden: int, *, reverse: bool, size: float
) -> dict[str, Any]:  # fmt: skip
    """The fields of both contracts, with random zero points."""
    x_zero, y_zero = (int(v) for v in rng.integers(-20, 20, 2))
    rows, to_y = count * hidden, multiplier(2.0**-15 / Y_SCALE)
    of_x = quantize_linear(
        rng.normal(0, size / inputs**0.5, (rows, inputs)), rng.normal(0, 0.3, rows), 0.02, x_zero, 2.0**-12
    )
    of_h = quantize_linear(
        rng.normal(0, size / hidden**0.5, (rows, hidden)), rng.normal(0, 0.3, rows), Y_SCALE, y_zero, 2.0**-12
    )
    parts = {"x": of_x, "h": of_h}
    layers = {
        f"{k}_{name}": getattr(v, name) for k, v in parts.items() for name in ("weights", "bias", "mult", "shift")
    }
    return {
        **layers, "sigmoid": sigmoid_table(), "steps": steps, "inputs": inputs, "hidden": hidden,
        "y_mult": int(to_y.mult[0]), "y_shift": to_y.shift, "y_zero": y_zero, "reverse": reverse,
    }  # fmt: skip


def lstm(
    rng: Random, why: str, steps: int, inputs: int, hidden: int, *, reverse: bool = False, cell: bool = True,
    size: float = 1.0, cell_scale: float = 0.05,
) -> Case:  # fmt: skip
    to_cell = multiplier(2.0**-11 / 0.06)
    contract = LstmS8(
        **shared(rng, 4, steps, inputs, hidden, reverse=reverse, size=size),
        cell_mult=round(cell_scale * 2**23), cell_zero=5, out_cell_mult=int(to_cell.mult[0]),
        out_cell_shift=to_cell.shift, out_cell_zero=-3, returns_cell=cell,
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
    fields = shared(rng, 3, steps, inputs, hidden, reverse=reverse, size=size)
    contract = GruS8(**fields, unit_mult=round(Y_SCALE * 2**27), reset_after=after)
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
