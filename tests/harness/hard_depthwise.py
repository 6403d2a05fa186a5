"""A network that is hard to quantize on purpose, with its data: depthwise kernels and activations with outliers.

Images of ten smooth patterns under noise; a first convolution, a depthwise one, a pointwise one, pooling, and a
classifier that least squares fit to 3,000 of them. In every depthwise kernel one tap is large and the others, which
tell the patterns apart, are small; channels differ in size; one image in 200 has a glaring pixel.
"""

from __future__ import annotations

import numpy as np
from onnx import ModelProto

from edgewright.ops.conv import convolve_nhwc
from edgewright.ops.window import Window
from tests.harness.small_models import model, node

CLASSES, SIDE, CHANNELS = 10, 12, 16
NOISE, GLARE, RARE = 1.7, 300.0, 200
#: How much larger one tap is than the others, and channels from the least to the largest.
TAP, SPREAD = 9.0, 12.0
SAME = Window((3, 3), (1, 1), (1, 1), (1, 1, 1, 1))


def images(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """x float32 [count, 1, 12, 12] and the class of each."""
    patterns = np.random.default_rng(0).standard_normal((CLASSES, SIDE + 2, SIDE + 2))
    smooth = sum(patterns[:, i : i + SIDE, j : j + SIDE] for i in range(3) for j in range(3)) / 3
    rng = np.random.default_rng(seed)
    y = rng.integers(0, CLASSES, count)
    x = np.asarray(smooth)[y] + NOISE * rng.standard_normal((count, SIDE, SIDE))
    x[RARE // 2 :: RARE, 0, 0] += GLARE
    return x[:, None].astype(np.float32), y


def network() -> ModelProto:
    """The network as ONNX."""
    rng = np.random.default_rng(1)
    first = rng.standard_normal((CHANNELS, 1, 3, 3)).astype(np.float32) / 3
    taps = rng.standard_normal((CHANNELS, 1, 3, 3)).astype(np.float32) / 3
    for channel in range(CHANNELS):
        place = rng.integers(0, 9)
        taps[channel, 0, place // 3, place % 3] = TAP * rng.choice([-1, 1]) / 3
    sizes = np.exp(np.linspace(0, np.log(SPREAD), CHANNELS)).astype(np.float32)
    taps *= sizes[:, None, None, None]
    point = (rng.standard_normal((CHANNELS, CHANNELS, 1, 1)) / np.sqrt(CHANNELS) / sizes[:, None, None]).astype(
        np.float32
    )
    x, y = images(3000, 2)
    h = np.maximum(convolve_nhwc(x.transpose(0, 2, 3, 1), first, SAME, 1), 0)
    h = np.maximum(convolve_nhwc(h, taps, SAME, CHANNELS), 0)
    h = np.maximum(convolve_nhwc(h, point, Window((1, 1)), 1), 0)
    pooled = (
        h.reshape(len(x), SIDE // 4, 4, SIDE // 4, 4, CHANNELS)
        .mean(axis=(2, 4))
        .transpose(0, 3, 1, 2)
        .reshape(len(x), -1)
    )
    mean = pooled.mean(axis=0)
    centred, wanted = pooled - mean, np.eye(CLASSES)[y] - 1 / CLASSES
    gram = centred.T @ centred / len(x)
    ridge = gram + 1e-3 * np.trace(gram) / len(gram) * np.eye(len(gram))
    head = (10 * np.linalg.solve(ridge, centred.T @ wanted / len(x))).astype(np.float32)
    same = {"pads": [1, 1, 1, 1]}
    return model(
        [
            node("Conv x,first -> a", **same), node("Relu a -> b"),
            node("Conv b,taps -> c", group=CHANNELS, **same), node("Relu c -> d"),
            node("Conv d,point -> e"), node("Relu e -> f"),
            node("AveragePool f -> g", kernel_shape=[4, 4], strides=[4, 4]), node("Flatten g -> h"),
            node("Gemm h,head,bias -> y"),
        ],
        {"x": (1, 1, SIDE, SIDE)},
        {"first": first, "taps": taps, "point": point, "head": head, "bias": (-mean @ head).astype(np.float32)},
    )  # fmt: skip
