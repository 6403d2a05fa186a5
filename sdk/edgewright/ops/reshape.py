"""Reshape, Flatten, Squeeze, Unsqueeze: the same elements under another shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.movement import ReshapeS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.limits import limit_of
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported


@dataclass(frozen=True)
class Reshape(Op):
    """Row-major reshape to a fixed shape."""

    onnx_types = ("Reshape", "Flatten", "Squeeze", "Unsqueeze")
    contracts = (ReshapeS8,)
    scale_rule = ScaleRule.SAME

    shape: Shape

    @limit_of("Reshape", "Squeeze", "Unsqueeze")
    @staticmethod
    def known_shape(node: OnnxNode) -> str | None:
        """a shape or axes that are known at compile time"""
        return "computed at run time" if node.has_input(1) and node.input(1).data is None else None

    @limit_of("Flatten")
    @staticmethod
    def existing_axis(node: OnnxNode) -> str | None:
        """an axis that exists"""
        rank, axis = len(node.input(0).shape), node.attribute("axis", 1)
        return None if -rank <= axis <= rank else f"axis {axis} of {rank}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        return build.node(cls.from_onnx(node), [node.input(0)], names=node.output_names)

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Reshape:
        shape = node.input(0).shape
        match node.op_type:
            case "Reshape":
                return cls(_reshaped(node, shape))
            case "Flatten":
                axis = node.attribute("axis", 1)
                axis += len(shape) if axis < 0 else 0
                return cls((int(np.prod(shape[:axis])), int(np.prod(shape[axis:]))))
            case "Squeeze":
                axes = node.integers(1, "axes")
                drop = (
                    [a % len(shape) for a in axes] if axes is not None else [i for i, n in enumerate(shape) if n == 1]
                )
                if any(shape[a] != 1 for a in drop):
                    raise Unsupported(f"squeezes axes {drop} of {list(shape)}; supported: axes of size 1")
                return cls(tuple(n for i, n in enumerate(shape) if i not in drop))
            case _:
                axes = node.integers(1, "axes") or []
                rank = len(shape) + len(axes)
                new = sorted(a % rank for a in axes)
                sizes = iter(shape)
                return cls(tuple(1 if i in new else next(sizes) for i in range(rank)))

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Reshape", {}, {1: np.array(self.shape, dtype=np.int64)})]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        return [x.reshape(self.shape)]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        return [self.shape]

    def lower(self, low: Lowering) -> None:
        low.emit_moved(ReshapeS8(out_shape=self.shape), low.input(0))


def _reshaped(node: OnnxNode, shape: Shape) -> Shape:
    """Source: ONNX Reshape, opset 14: 0 copies the input's size unless allowzero, -1 takes what is left."""
    wanted = node.integers(1, "shape") or []
    if not node.attribute("allowzero", 0):
        wanted = [shape[i] if n == 0 and i < len(shape) else n for i, n in enumerate(wanted)]
    if -1 in wanted:
        rest = int(np.prod([n for n in wanted if n != -1]))
        total = int(np.prod(shape))
        if rest == 0 or total % rest:
            raise Unsupported(f"cannot reshape {list(shape)} to {wanted}")
        wanted[wanted.index(-1)] = total // rest
    if int(np.prod(wanted)) != int(np.prod(shape)):
        raise Unsupported(f"cannot reshape {list(shape)} to {wanted}")
    return tuple(wanted)
