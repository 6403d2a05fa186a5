"""Random softmax, log-softmax and layer normalisation contracts."""

import numpy as np

from edgewright.contracts.norm import LayerNormS8
from edgewright.contracts.softmax import LogSoftmaxS8, SoftmaxS8, exp_table
from tests.harness.conv_cases import Random, random_s8
from tests.harness.kernel_program import Case

#: outer, n, inner, x_scale, why
COLUMNS = [
    (1, 12, 1, 0.15, "kws classes"),
    (3, 7, 5, 0.04, "along a middle axis"),
    (2, 1, 3, 0.1, "a single class"),
    (1, 1000, 1, 0.01, "many equal classes"),
    (5, 2, 1, 2.5, "a coarse scale"),
    (1, 33, 1, 1e-5, "a scale that rounds to one everywhere"),
]


def inputs(rng: Random, outer: int, n: int, inner: int) -> np.ndarray:
    """Random columns; the first holds both ends of the range, the last is constant."""
    x = random_s8(rng, (outer, n, inner))
    x[0, 0, 0], x[0, -1, 0] = -128, 127
    x[-1, :, -1] = 127 if outer * inner > 1 else x[-1, :, -1]
    return x


def softmax_table(seed: int = 31) -> list[Case]:
    rng = np.random.default_rng(seed)
    return [
        Case(
            f"softmax {why}, {levels} levels",
            SoftmaxS8(exp_table(scale), outer, n, inner, levels, zero, (outer, n, inner)),
            (inputs(rng, outer, n, inner),),
        )
        for outer, n, inner, scale, why in COLUMNS
        for levels, zero in ((256, -128), (32_768, 5))
    ]


def log_softmax_table(seed: int = 32) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for outer, n, inner, x_scale, why in COLUMNS:
        for y_scale, y_zero in ((16 / 256, 127), (0.001, -128)):
            contract = LogSoftmaxS8.from_scales(
                x_scale=x_scale,
                y_scale=y_scale,
                y_zero=y_zero,
                outer=outer,
                n=n,
                inner=inner,
                out_shape=(outer, n, inner),
            )
            cases.append(Case(f"log-softmax {why}, y_scale {y_scale}", contract, (inputs(rng, outer, n, inner),)))
    return cases


def layer_norm(rng: Random, rows: int, n: int, x_scale: float, epsilon: float, why: str) -> Case:
    gamma = rng.uniform(-1.5, 1.5, n)
    beta = rng.uniform(-0.5, 0.5, n)
    contract = LayerNormS8.from_scales(
        gamma, beta, epsilon, x_scale=x_scale, y_scale=0.03, y_zero=int(rng.integers(-20, 20)), out_shape=(rows, n)
    )
    x = random_s8(rng, (rows, n))
    x[-1] = 127
    return Case(f"layer norm {why}", contract, (x,))


def layer_norm_table(seed: int = 33) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = [
        layer_norm(rng, 5, 64, 0.02, 1e-5, "of a transformer"),
        layer_norm(rng, 3, 7, 0.1, 1e-5, "of a prime size"),
        layer_norm(rng, 2, 1, 0.1, 1e-5, "of one element"),
        layer_norm(rng, 2, 300, 1e-4, 1e-3, "with a dominant epsilon"),
        layer_norm(rng, 2, 16, 100.0, 1e-12, "with a vanishing epsilon"),
    ]
    spike = np.full((1, 20_000), -128, dtype=np.int8)
    spike[0, 0] = 127
    ones, zeros = np.ones(20_000), np.zeros(20_000)
    long = LayerNormS8.from_scales(ones, zeros, 1e-5, x_scale=0.1, y_scale=1.2, y_zero=0, out_shape=(1, 20_000))
    return [*cases, Case("layer norm of one spike in a long row", long, (spike,))]
