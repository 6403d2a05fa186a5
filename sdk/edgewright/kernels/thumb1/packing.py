"""Weight streams of the Armv6-M kernels, as the cores in `runtime_c/src/thumb1` read them."""

import numpy as np

from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.geometry.limits import shift_refusal

#: Unclamped outputs, counted from the zero point, that the requantization of the cores can hold.
OUTPUT_LIMIT = 2**15 - 256


def output_refusal(c: ConvS8 | DepthwiseS8 | FcS8, *, shifts: bool = False) -> str | None:
    """What keeps the cores from requantizing a layer exactly; shifts: whether they shift sums left."""
    if c.shift and not shifts:
        return shift_refusal(c.shift)
    axes = (0, 1) if isinstance(c, DepthwiseS8) else tuple(range(1, c.weights.ndim))
    sums = np.abs(c.bias.astype(np.int64)) + 128 * np.abs(c.weights.astype(np.int64)).sum(axis=axes)
    largest = int(((sums << c.shift) * c.mult.astype(np.int64) >> 32).max(initial=0)) + 1
    return f"outputs may reach {largest:,}; supported: {OUTPUT_LIMIT:,}" if largest >= OUTPUT_LIMIT else None


def output_stream(c: ConvS8) -> np.ndarray:
    """For each output its bias, its mult and its weights + 128, padded to whole words; uint32 words."""
    weights = c.weights.reshape(c.weights.shape[0], -1)
    offset = offset_bytes(weights, -weights.shape[1] % 4)
    head = np.stack([c.bias, c.mult], axis=1).astype("<i4").view("<u4")
    return np.concatenate([head, offset.view("<u4")], axis=1).reshape(-1)


def block_stream(c: FcS8) -> np.ndarray:
    """For each four outputs their biases, their mults and [taps][4] weights + 128; uint32 words."""
    spare = -c.weights.shape[0] % 4
    blocks = (c.weights.shape[0] + spare) // 4
    weights = np.pad(c.weights, ((0, spare), (0, 0))).reshape(blocks, 4, -1)
    offset = offset_bytes(weights.transpose(0, 2, 1).reshape(blocks, -1), 0)
    head = [np.pad(v, (0, spare)).reshape(blocks, 4).astype("<i4").view("<u4") for v in (c.bias, c.mult)]
    return np.concatenate([*head, offset.view("<u4")], axis=1).reshape(-1)


def offset_bytes(weights: np.ndarray, spare: int) -> np.ndarray:
    """uint8 weights + 128 of int8 [rows, n], `spare` columns of weight 0 behind them."""
    padded = np.pad(weights.astype(np.int16), ((0, 0), (0, spare)))
    return np.ascontiguousarray((padded + 128).astype(np.uint8))


def interleaved(c: DepthwiseS8) -> np.ndarray:
    """For each channel its bias and its mult; int32 words."""
    return np.stack([c.bias, c.mult], axis=1).astype(np.int32).reshape(-1)
