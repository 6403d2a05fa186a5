"""DepthToSpace and SpaceToDepth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from edgewright.contracts.movement import CopyS8, ReshapeS8
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.spatial import image, run_channels_last, shaped, sizes
from edgewright.ops.strided import emit_read


@dataclass(frozen=True)
class DepthToSpace(Op):
    """Blocks of channels become block * block positions. column_row: the mode CRD instead of DCR.

    x is [1, c, h, w], or [1, h, w, c] when channels_last.
    """

    onnx_types = ("DepthToSpace",)
    contracts = (CopyS8, ReshapeS8)
    scale_rule = ScaleRule.SAME

    block: int
    column_row: bool = False
    channels_last: bool = False

    @limit
    @staticmethod
    def whole_blocks(node: OnnxNode) -> str | None:
        """a batch of 1 and sizes that the block divides"""
        shape, block = node.input(0).shape, node.attribute("blocksize", 0)
        if len(shape) != 4 or shape[0] != 1 or block < 1:
            return f"input {list(shape)} with blocksize {block}"
        split = shape[1:2] if node.op_type == "DepthToSpace" else shape[2:]
        divisor = block * block if node.op_type == "DepthToSpace" else block
        return f"input {list(shape)} with blocksize {block}" if any(n % divisor for n in split) else None

    @limit
    @staticmethod
    def known_mode(node: OnnxNode) -> str | None:
        """mode DCR or CRD"""
        mode = node.text("mode", "DCR")
        return None if mode in ("DCR", "CRD") else f"mode '{mode}'"

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Self:
        return cls(node.attribute("blocksize"), node.text("mode", "DCR") == "CRD")

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("DepthToSpace", {"blocksize": self.block, "mode": "CRD" if self.column_row else "DCR"})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        h, w, c = sizes(x, self.channels_last)
        return [shaped(h * self.block, w * self.block, c // self.block**2, self.channels_last)]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        b = self.block

        def spread(x: np.ndarray) -> np.ndarray:
            n, h, w, c = x.shape
            if self.column_row:
                blocks = x.reshape(n, h, w, c // b**2, b, b).transpose(0, 1, 4, 2, 5, 3)
            else:
                blocks = x.reshape(n, h, w, b, b, c // b**2).transpose(0, 1, 3, 2, 4, 5)
            return np.ascontiguousarray(blocks).reshape(n, h * b, w * b, c // b**2)

        return [run_channels_last(spread, x, self.channels_last)]

    def channels_last_form(self) -> Op | None:
        return None if self.channels_last else replace(self, channels_last=True)

    def lower(self, low: Lowering) -> None:
        x, b = low.input(0), self.block
        h, w, c = image(x.shape)
        out_c = c // b**2
        row, column, channel = (b, 1, b * b) if self.column_row else (b * out_c, out_c, 1)
        emit_read(low, x, (h, b, w, b, out_c), (w * c, row, c, column, channel))


@dataclass(frozen=True)
class SpaceToDepth(DepthToSpace):
    """Blocks of block * block positions become channels; the inverse of `DepthToSpace` in both modes."""

    onnx_types = ("SpaceToDepth",)

    def to_onnx(self) -> list[OnnxForm]:
        mode = {"mode": "CRD"} if self.column_row else {}  # an attribute since opset 28
        return [OnnxForm("SpaceToDepth", {"blocksize": self.block, **mode})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        h, w, c = sizes(x, self.channels_last)
        return [shaped(h // self.block, w // self.block, c * self.block**2, self.channels_last)]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        b = self.block

        def gather(x: np.ndarray) -> np.ndarray:
            n, h, w, c = x.shape
            blocks = x.reshape(n, h // b, b, w // b, b, c).transpose(
                0, 1, 3, *((5, 2, 4) if self.column_row else (2, 4, 5))
            )
            return np.ascontiguousarray(blocks).reshape(n, h // b, w // b, b * b * c)

        return [run_channels_last(gather, x, self.channels_last)]

    def lower(self, low: Lowering) -> None:
        x, b = low.input(0), self.block
        h, w, c = image(x.shape)
        inner = ((b, w * c), (b, c), (c, 1))  # row and column in the block, channel
        if self.column_row:
            inner = (inner[2], inner[0], inner[1])
        sizes, strides = zip((h // b, b * w * c), (w // b, b * c), *inner, strict=True)
        emit_read(low, x, sizes, strides)
