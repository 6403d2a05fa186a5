"""Random layers of any shape: what nobody thought of."""

import numpy as np

from tests.harness.conv_cases import Movement, Random, conv, depthwise, fully_connected
from tests.harness.kernel_program import Case
from tests.harness.w4_cases import w4


def random_window(rng: Random) -> tuple[tuple[int, int], tuple[int, int], Movement]:
    """Size of the input and of the kernel, and its movement: a window that fits its padded input."""

    def pair(low: int, high: int) -> tuple[int, int]:
        return int(rng.integers(low, high)), int(rng.integers(low, high))

    kernel, stride, dilation, before, after = pair(1, 6), pair(1, 4), pair(1, 3), pair(0, 4), pair(0, 4)
    height, width = (
        max(1, int(rng.integers(1, 12)), (k - 1) * d + 1 - b - a)
        for k, d, b, a in zip(kernel, dilation, before, after, strict=True)
    )
    return (height, width), kernel, {"stride": stride, "dilation": dilation, "pad": (*before, *after)}


def random_activation(rng: Random) -> tuple[int, int]:
    return (int(rng.integers(-128, 0)), int(rng.integers(0, 128))) if rng.integers(0, 2) else (-128, 127)


def random_layer(rng: Random, kind: str) -> Case:
    """A layer of the kind "conv", "depthwise", "pointwise" or "fc"."""
    channels, outputs = (int(v) for v in rng.integers(1, 48, 2))
    act = random_activation(rng)
    if kind == "fc":
        return fully_connected(rng, int(rng.integers(1, 7)), 2 * channels, outputs)
    if kind == "pointwise":
        shape = (int(rng.integers(1, 9)), int(rng.integers(1, 9)), channels)
        stride = (int(rng.integers(1, 3)), int(rng.integers(1, 3)))
        return conv(rng, shape, outputs, (1, 1), stride=stride, act=act)
    size, kernel, movement = random_window(rng)
    if kind == "depthwise":
        return depthwise(rng, (*size, channels), kernel, act=act, **movement)
    return conv(rng, (*size, channels // 3 + 1), outputs, kernel, act=act, **movement)


def random_table(seed: int, count: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    layers = [random_layer(rng, kind) for _ in range(count) for kind in ("conv", "depthwise", "pointwise", "fc")]
    narrow = [w4(case, rng, int(rng.integers(0, 5)), folded=bool(rng.integers(0, 2))) for case in layers]
    return layers + narrow
