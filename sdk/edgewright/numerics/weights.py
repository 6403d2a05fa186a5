"""Weights and biases of a linear layer as integers, with the proof that the accumulator fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.numerics.requantize import INT32_MAX, multiplier

#: Largest bias in steps of x_scale * w_scale. A float32 holds 24 bits, and a bias that is written to a QDQ model and
#: read again is rounded to float32 twice (its scale and itself): 2^21 steps * 2 * 2^-24 = a quarter of a step, which
#: rounds away.
BIAS_LIMIT = 2**21
#: No scale is smaller, so that its product with any sensible x_scale is a normal float32. Weights below it are nothing.
LEAST_SCALE = 2.0**-90
#: The largest magnitude of a 4-bit weight.
W4_MAX = 7


@dataclass(frozen=True, eq=False)
class LinearLayer:
    """Integer form of y = w x + b.

    weights: int8 in the layout given. bias: int32 [n]; mult: int32 [n]; shift: see `requantize`.
    """

    weights: np.ndarray
    bias: np.ndarray
    mult: np.ndarray
    shift: int

    def without_shift(self) -> LinearLayer:
        """The same outputs without a left shift, for weights in [-7, 7]: these and the biases take it, if they can.

        4-bit weights have scales so large that a shift is common, and most kernels have none. Bounds: the shifted
        weights stay inside [-127, 127] and no sum saturates, so (w << shift) x + (b << shift) is what was shifted.
        """
        flat = np.abs(self.weights.reshape(len(self.weights), -1).astype(np.int64))
        sums = np.abs(self.bias.astype(np.int64)) + 128 * flat.sum(axis=1)
        most = int(flat.max(initial=0))
        if self.shift == 0 or most > W4_MAX or most << self.shift > 127 or int(sums.max()) << self.shift > INT32_MAX:
            return self
        return LinearLayer(self.weights << self.shift, self.bias << self.shift, self.mult, 0)


def channel_scales(weights: np.ndarray, bias: np.ndarray, x_scale: float) -> np.ndarray:
    """Scale per output channel (axis 0 of `weights`), float64 [n] of values that float32 holds exactly.

    max |w| / 127, or `least_scales`.
    """
    flat = np.abs(weights.reshape(weights.shape[0], -1)).max(axis=1, initial=0.0).astype(np.float64)
    scales = np.maximum(flat / 127.0, least_scales(flat > 0.0, bias, x_scale))
    exact: np.ndarray = scales.astype(np.float32).astype(np.float64)
    return exact


def least_scales(weighted: np.ndarray, bias: np.ndarray, x_scale: float) -> np.ndarray:
    """The least scale of each channel [n] that its bias allows: BIAS_LIMIT steps, or 2^20 in a channel without weights.

    weighted: which channels have any, bool [n].
    """
    steps = np.where(weighted, float(BIAS_LIMIT), 2.0**20)
    least: np.ndarray = np.maximum(np.abs(bias) / (x_scale * steps), LEAST_SCALE)
    return least


def quantize_linear(
    weights: np.ndarray,
    bias: np.ndarray,
    x_scale: float,
    x_zero: int,
    y_scale: float,
    *,
    scales: np.ndarray | None = None,
    fold_zero: bool = True,
) -> LinearLayer:
    """Per-channel symmetric int8 weights in [-127, 127] and int32 bias of a float layer.

    weights: float [n, ...], output channels first. bias: float [n]. scales: the weights' own scales when the
    model arrived quantized. fold_zero: put -x_zero * sum(weights) into the bias.

    Deviation: a weight of -128 in such a model becomes -127, which the kernels rely on.

    Raises:
        OverflowError: |bias| + sum |w| * max |x| reaches 2^31 in some channel.
    """
    w64, b64 = weights.astype(np.float64), bias.astype(np.float64)
    s = channel_scales(w64, b64, x_scale) if scales is None else np.broadcast_to(scales, (len(w64),)).astype(np.float64)
    quantized = np.clip(np.rint(w64 / s.reshape(-1, *[1] * (w64.ndim - 1))), -127, 127)
    flat = quantized.reshape(len(quantized), -1)
    whole_bias = np.rint(b64 / (x_scale * s)) - (x_zero * flat.sum(axis=1) if fold_zero else 0)
    reach = 128 if fold_zero else 255
    worst = np.abs(whole_bias) + reach * np.abs(flat).sum(axis=1)
    if np.any(worst > INT32_MAX):
        channel = int(np.argmax(worst))
        raise OverflowError(f"channel {channel}: accumulator may reach {worst[channel]:.0f}, int32 ends at {INT32_MAX}")
    fixed = multiplier(x_scale * s / y_scale)
    return LinearLayer(quantized.astype(np.int8), whole_bias.astype(np.int32), fixed.mult, fixed.shift)
