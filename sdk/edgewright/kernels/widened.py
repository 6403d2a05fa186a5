"""Bodies that find their weights in scratch memory: nibbles in flash, which another function widens before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.kernels.base import AnyKernel, Kernel, KernelCall
from edgewright.kernels.nibbles import (
    HALFWORDS,
    VECTORS,
    WORDS,
    Layout,
    Linear,
    narrow,
    narrowed,
    refusal_of_w4,
    unshifted,
)

#: The largest left shift that weights in [-7, 7] can take and stay bytes.
SHIFT_MAX = 4


@dataclass(frozen=True)
class Widening:
    """A function of `c/ew_widen_w4.h`. instructions: of a span."""

    symbol: str
    source: str
    layout: Layout
    instructions: float


PORTABLE = Widening("ew_widen_w4", "c/ew_widen_w4.c", WORDS, 21.0)
DSP = Widening("ew_widen_w4__dsp", "dsp/ew_widen_w4__dsp.c", HALFWORDS, 26.0)
MVE = Widening("ew_widen_w4__mve", "mve/ew_widen_w4__mve.S", VECTORS, 8.0)
#: What widens for the bodies of an instruction set, by their lanes; where flash is plenty, nothing does.
WIDENINGS: dict[tuple[str, type[np.signedinteger]], Widening] = {
    ("c", np.int8): PORTABLE,
    ("thumb1", np.int8): PORTABLE,
    ("dsp", np.int8): PORTABLE,
    ("dsp", np.int16): DSP,
    ("mve", np.int8): MVE,
}


class WidenedKernel(Kernel[Linear]):
    """`inner` for weights in [-7, 7] that are kept in nibbles. A left shift is done to the weights."""

    inner: ClassVar[AnyKernel]
    widening: ClassVar[Widening]

    @property
    def headers(self) -> tuple[str, ...]:
        return (*self.inner.headers, "c/ew_widen_w4.h")

    def limits(self, contract: Linear) -> str | None:
        own = narrow(contract)
        if own.shift > SHIFT_MAX:
            return f"a left shift of {own.shift}; supported: {SHIFT_MAX}"
        reason = refusal_of_w4(own) or self.inner.refusal(unshifted(own))
        if reason is not None:
            return reason
        words, packed = self.streams(contract)
        return None if len(packed) < len(words) else "weights that do not lie together"

    def streams(self, contract: Linear) -> tuple[np.ndarray, np.ndarray]:
        """The weights as `inner` reads them, and packed; uint32 [words]."""
        return _streams(self.inner, self.widening.layout, contract)

    def calls(self, contract: Linear) -> list[KernelCall]:
        words, packed = self.streams(contract)
        (call,) = self.inner.calls(unshifted(narrow(contract)))
        fields = {**call.fields, "w": weights_of(contract, words, packed)}
        return [KernelCall(call.symbol, call.struct, fields, call.inputs, self.widening.symbol)]

    def scratch_bytes(self, contract: Linear) -> int:
        words, _ = self.streams(contract)
        return 4 * even(len(words)) + self.inner.scratch_bytes(unshifted(narrow(contract)))

    def in_place(self, contract: Linear) -> tuple[int, ...]:
        return self.inner.in_place(unshifted(narrow(contract)))

    def overlap_bytes(self, contract: Linear) -> int | None:
        return self.inner.overlap_bytes(unshifted(narrow(contract)))

    def cost(self, contract: Linear) -> float:
        words, _ = self.streams(contract)
        spans = len(words) / self.widening.layout.span
        return self.inner.cost(unshifted(narrow(contract))) + 60 + self.widening.instructions * spans


def widened(kernels: Iterable[AnyKernel]) -> Iterator[AnyKernel]:
    """A body for 4-bit weights from each of `kernels` whose instruction set widens its lanes."""
    for inner in kernels:
        widening = WIDENINGS.get((inner.isa, inner.lane)) if inner.lane is not None else None
        if widening is not None:
            attributes = {
                "contract": inner.contract,
                "symbol": with_suffix(inner.symbol, "+w4"),
                "sources": (*inner.sources, widening.source),
                "inner": inner,
                "widening": widening,
            }
            yield type(f"{type(inner).__name__}W4", (WidenedKernel,), attributes)()


def with_suffix(symbol: str, suffix: str) -> str:
    """`suffix` before the ISA in a symbol."""
    stem, separator, isa = symbol.partition("__")
    return f"{stem}{suffix}{separator}{isa}"


def weights_of(contract: Any, words: np.ndarray, *packed: np.ndarray) -> Array:
    """`w` of a widened layer: what `c/ew_widen_w4.h` describes."""
    head = np.array([even(len(words)), narrow(contract).shift], "<u4")
    return Array(np.concatenate([head, *packed]), align=8)


def even(words: int) -> int:
    """The number of words rounded up to whole doublewords."""
    return (words + 1) // 2 * 2


@lru_cache(maxsize=64)
def _streams(inner: AnyKernel, layout: Layout, contract: Any) -> tuple[np.ndarray, np.ndarray]:
    own = narrow(contract)
    (call,) = inner.calls(unshifted(own))
    weights = call.fields["w"]
    assert isinstance(weights, Array)
    data = np.frombuffer(weights.data.tobytes(), np.uint8)
    words = np.pad(data, (0, -len(data) % 4)).view("<u4")
    return words, narrowed(words, layout, own.shift)
