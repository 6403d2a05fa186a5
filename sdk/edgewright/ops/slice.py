"""Slice, and Split as several slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.movement import CopyS8, ReshapeS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import OnnxOperator, Op, ScaleRule, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.strided import emit_read, row_major


@dataclass(frozen=True)
class Slice(Op):
    """Along every axis `counts` elements from `starts` on, `steps` apart (negative: backwards)."""

    onnx_types = ("Slice",)
    contracts = (CopyS8, ReshapeS8)
    scale_rule = ScaleRule.SAME

    starts: tuple[int, ...]
    steps: tuple[int, ...]
    counts: tuple[int, ...]

    @limit
    @staticmethod
    def constant_bounds(node: OnnxNode) -> str | None:
        """starts, ends, axes and steps that are known at compile time"""
        computed = [v.name for v in node.inputs[1:] if v is not None and v.data is None]
        return f"'{computed[0]}' is computed at run time" if computed else None

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        """Source: ONNX Slice, opset 13: bounds are clamped to the axis as in NumPy."""
        x = node.input(0)
        starts, ends = node.integers(1, "starts") or [], node.integers(2, "ends") or []
        axes, steps = node.integers(3, "axes"), node.integers(4, "steps")
        ranges = [range(n) for n in x.shape]
        for k, start in enumerate(starts):
            axis = k if axes is None else axes[k]
            ranges[axis] = range(*slice(start, ends[k], 1 if steps is None else steps[k]).indices(x.shape[axis]))
        return [build.value(cls.of(ranges), [x], node.output_names[0])]

    @classmethod
    def of(cls, ranges: Sequence[range]) -> Slice:
        """The slice that takes one range along each axis."""
        return cls(tuple(r.start for r in ranges), tuple(r.step for r in ranges), tuple(len(r) for r in ranges))

    def to_onnx(self) -> list[OnnxForm]:
        ends = [a + s * n for a, s, n in zip(self.starts, self.steps, self.counts, strict=True)]
        past_the_front = np.iinfo(np.int64).min + 1  # -1 would mean the last element
        bounds = (self.starts, [past_the_front if e < 0 else e for e in ends], range(len(ends)), self.steps)
        return [OnnxForm("Slice", {}, {k: np.array(v, dtype=np.int64) for k, v in enumerate(bounds, 1)})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        return [self.counts]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        for axis, (start, step, n) in enumerate(zip(self.starts, self.steps, self.counts, strict=True)):
            x = x.take(start + step * np.arange(n), axis=axis)
        return [x]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return Slice(*(tuple(field[a] for a in perm) for field in (self.starts, self.steps, self.counts)))

    def lower(self, low: Lowering) -> None:
        x = low.input(0)
        strides = row_major(x.shape)
        offset = sum(start * stride for start, stride in zip(self.starts, strides, strict=True))
        steps = tuple(step * stride for step, stride in zip(self.steps, strides, strict=True))
        emit_read(low, x, self.counts, steps, offset)


class Split(OnnxOperator):
    """Consecutive parts along one axis."""

    onnx_types = ("Split",)
    contracts = (CopyS8, ReshapeS8)

    @limit
    @staticmethod
    def constant_sizes(node: OnnxNode) -> str | None:
        """sizes that are known at compile time and add up to the axis"""
        if node.has_input(1) and node.input(1).data is None:
            return "sizes computed at run time"
        sizes, whole = _sizes(node), node.input(0).shape[node.attribute("axis", 0)]
        return None if sum(sizes) == whole and min(sizes) > 0 else f"sizes {sizes} of {whole}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        x = node.input(0)
        axis = node.attribute("axis", 0) % len(x.shape)
        parts, start = [], 0
        for n, name in zip(_sizes(node), node.output_names, strict=True):
            ranges = [range(start, start + n) if k == axis else range(size) for k, size in enumerate(x.shape)]
            parts.append(build.value(Slice.of(ranges), [x], name or None))
            start += n
        return parts


def _sizes(node: OnnxNode) -> list[int]:
    """Source: ONNX Split, opset 18: equal parts unless given, the last one smaller."""
    given = node.integers(1, "split")
    if given is not None:
        return given
    whole, parts = node.input(0).shape[node.attribute("axis", 0)], len(node.output_names)
    each = -(-whole // parts)
    return [each] * (parts - 1) + [whole - each * (parts - 1)]
