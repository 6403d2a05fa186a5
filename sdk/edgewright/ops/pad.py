"""Pad: with a constant, or by repeating the input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.conv import LARGEST_SIZE
from edgewright.contracts.movement import CopyS8, GatherS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.gather import Gather
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.slice import Slice
from edgewright.ops.strided import padding

#: Mode -> index into an axis of n elements for each position from -before to n + after.
MODES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "edge": lambda at, n: at.clip(0, n - 1),
    "reflect": lambda at, n: n - 1 - np.abs((at % (2 * n - 2 or 1)) - (n - 1)),
    "wrap": lambda at, n: at % n,
}


@dataclass(frozen=True)
class Pad(Op):
    """`value` before and after every axis: before[axis] and after[axis] positions, all 0 or more."""

    onnx_types = ("Pad",)
    contracts = (CopyS8, GatherS8)

    before: tuple[int, ...]
    after: tuple[int, ...]
    value: float = 0.0

    @property
    def scale_rule(self) -> ScaleRule:
        return ScaleRule.SAME if self.value == 0.0 else ScaleRule.FREE

    @limit
    @staticmethod
    def known_pads(node: OnnxNode) -> str | None:
        """pads and a value that are known at compile time"""
        computed = [v.name for v in node.inputs[1:] if v is not None and v.data is None]
        return f"'{computed[0]}' is computed at run time" if computed else None

    @limit
    @staticmethod
    def few_positions(node: OnnxNode) -> str | None:
        """at most 65,535 positions on each side"""
        most = max((abs(n) for n in node.integers(1, "pads") or []), default=0)
        return None if most <= LARGEST_SIZE else f"{most:,} positions"

    @limit
    @staticmethod
    def known_mode(node: OnnxNode) -> str | None:
        """mode constant, edge, reflect or wrap"""
        mode = node.text("mode", "constant")
        return None if mode in ("constant", *MODES) else f"mode '{mode}'"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        """Source: ONNX Pad, opset 19; negative pads cut, before anything is added."""
        x, mode = node.input(0), node.text("mode", "constant")
        before, after = _amounts(node, len(x.shape))
        if min(before + after) < 0:
            kept = [range(max(-b, 0), n - max(-a, 0)) for b, a, n in zip(before, after, x.shape, strict=True)]
            x = build.value(Slice.of(kept), [x])
            before, after = [max(b, 0) for b in before], [max(a, 0) for a in after]
        name = node.output_names[0]
        if mode == "constant":
            value = node.constant_or_attribute(2, "value", 0.0)
            return [build.value(cls(tuple(before), tuple(after), float(np.asarray(value).reshape(()))), [x], name)]
        padded = [k for k in range(len(x.shape)) if before[k] or after[k]] or [0]
        for k in padded:
            indices = MODES[mode](np.arange(-before[k], x.shape[k] + after[k]), x.shape[k])
            x = build.value(Gather(k, tuple(indices.tolist())), [x], name if k == padded[-1] else None)
        return [x]

    def to_onnx(self) -> list[OnnxForm]:
        pads = np.array(self.before + self.after, dtype=np.int64)
        return [OnnxForm("Pad", {}, {1: pads, 2: np.array(self.value, dtype=np.float32)})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        return [tuple(b + n + a for b, n, a in zip(self.before, x, self.after, strict=True))]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        return [np.pad(x, list(zip(self.before, self.after, strict=True)), constant_values=np.float32(self.value))]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return replace(self, before=tuple(self.before[a] for a in perm), after=tuple(self.after[a] for a in perm))

    def lower(self, low: Lowering) -> None:
        x = low.input_as(0, low.out_quant())
        fill = int(low.out_quant().quantize(np.array(self.value)))
        pads = list(zip(self.before, self.after, strict=True))
        low.emit(padding(x.shape, pads, low.out().shape, fill), [x])


def _amounts(node: OnnxNode, rank: int) -> tuple[list[int], list[int]]:
    """Positions before and after every axis."""
    pads, axes = node.integers(1, "pads") or [], node.integers(3, "axes")
    axes = list(range(rank)) if axes is None else [a % rank for a in axes]
    before, after = [0] * rank, [0] * rank
    for k, axis in enumerate(axes):
        before[axis], after[axis] = pads[k], pads[k + len(axes)]
    return before, after
