"""4-bit weights: which layers have them, and how the weights of another body are kept in nibbles until it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeVar

import numpy as np

from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.geometry.bounds import largest_sums
from edgewright.numerics import W4_MAX

#: A layer with weights.
Linear = TypeVar("Linear", ConvS8, DepthwiseS8, FcS8)


def by_output(c: ConvS8 | DepthwiseS8 | FcS8) -> np.ndarray:
    """Weights as [outputs, products of one]."""
    if isinstance(c, DepthwiseS8):
        return c.weights.reshape(-1, c.weights.shape[-1]).T
    return c.weights.reshape(len(c.weights), -1)


def narrow(c: Linear) -> Linear:
    """The same layer with weights in [-7, 7] and a larger left shift, if there is one; else the layer."""
    largest = int(np.abs(c.weights.astype(np.int64)).max(initial=0))
    spare = 0
    while largest >> spare > W4_MAX:
        spare += 1
    if spare == 0 or (c.weights % (1 << spare)).any() or (c.bias % (1 << spare)).any():
        return c
    return replace(c, weights=c.weights >> spare, bias=c.bias >> spare, shift=c.shift + spare)


def refusal_of_w4(c: ConvS8 | DepthwiseS8 | FcS8) -> str | None:
    """What keeps a `narrow` layer from 4-bit weights: a larger one, or sums that its shift might saturate."""
    largest = int(np.abs(c.weights.astype(np.int64)).max(initial=0))
    if largest > W4_MAX:
        return f"weights up to {largest}; supported: {W4_MAX}"
    sums = int(largest_sums(by_output(c), c.bias).max(initial=0)) << c.shift
    return f"sums up to {sums:,} after a shift of {c.shift}; supported: 2^31" if sums >= 2**31 else None


def unshifted(c: Linear) -> Linear:
    """A `narrow` layer with its left shift, up to 4, in weights and biases; exact where it would not saturate."""
    return replace(c, weights=(c.weights << c.shift).astype(np.int8), bias=c.bias << c.shift, shift=0)


@dataclass(frozen=True)
class Layout:
    """How nibbles lie in packed words: nibble j of every lane comes from vector j of a span of vectors.

    lane: the type of a widened weight. vector: consecutive words that are widened together.
    """

    lane: type[np.signedinteger]
    vector: int = 1

    @property
    def lanes(self) -> int:
        """Lanes of a word."""
        return 4 // np.dtype(self.lane).itemsize

    @property
    def parts(self) -> int:
        """Vectors of a span: as many as a lane has nibbles."""
        return 8 // self.lanes

    @property
    def span(self) -> int:
        """Words that become `vector` packed words."""
        return self.parts * self.vector

    def fits(self, words: np.ndarray, scale: int) -> np.ndarray:
        """Which words hold nothing but multiples n * 2^scale of n in [-8, 7]."""
        lanes = words.view(self.lane).reshape(-1, self.lanes).astype(np.int64)
        inside = (lanes >= -8 << scale) & (lanes <= 7 << scale) & (lanes % (1 << scale) == 0)
        fitting: np.ndarray = inside.all(axis=1)
        return fitting

    def pack(self, words: np.ndarray, scale: int) -> np.ndarray:
        """Whole spans of words as nibbles; uint32."""
        lanes = words.view(self.lane).reshape(-1, self.parts, self.vector * self.lanes)
        nibbles = (lanes.astype(np.int64) >> scale & 15) << 4 * np.arange(self.parts)[:, None]
        packed: np.ndarray = nibbles.sum(axis=1).astype(self.lane).view("<u4").reshape(-1)
        return packed


#: Of `ew_widen_w4`, `ew_widen_w4__mve` and `ew_widen_w4__dsp`.
WORDS = Layout(np.int8)
VECTORS = Layout(np.int8, 4)
HALFWORDS = Layout(np.int16)


def narrowed(words: np.ndarray, layout: Layout, scale: int = 0) -> np.ndarray:
    """A stream of words as the packed stream of `c/ew_widen_w4.h`: uint32.

    Whatever `words` holds, widening gives it back; whole spans of small lanes take half the space or a quarter.
    """
    words = np.ascontiguousarray(words, "<u4")
    out: list[np.ndarray] = []
    at = 0
    for (raw, spans), equal in groupby(_pieces(layout.fits(words, scale), layout.span)):
        times = len(list(equal))
        out.append(np.array([raw, spans, times], "<u4"))
        for _ in range(times):
            middle, end = at + raw, at + raw + spans * layout.span
            out += [words[at:middle], layout.pack(words[middle:end], scale)]
            at = end
    return np.concatenate([*out, np.zeros(3, "<u4")])


def _pieces(fits: np.ndarray, span: int) -> Iterator[tuple[int, int]]:
    """(words to copy, spans behind them), one after the other over all words."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], fits, [False]]).astype(np.int8)))
    done = 0
    for first, end in ends.reshape(-1, 2).tolist():
        spans = (end - first) // span
        if spans:
            yield first - done, spans
            done = first + spans * span
    if done < len(fits):
        yield len(fits) - done, 0
