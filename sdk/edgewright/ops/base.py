"""The bases of all operators: what an ONNX operator means, independent of how it runs."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import numpy as np

from edgewright.contracts import Contract
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode

Shape = tuple[int, ...]


class ScaleRule(StrEnum):
    """How an output gets its scale."""

    FREE = "free"  # from calibration
    SAME = "same"  # the first input's
    SHARED = "shared"  # one for all inputs and outputs
    FIXED = "fixed"  # `fixed_quant` says it


class OnnxOperator(ABC):
    """Whatever imports ONNX operators, within the limits (see `ops.limits`) that it declares.

    onnx_types: the ONNX operators it imports. onnx_since: first opset of those that came after opset 7;
    onnx_until: last opset of those that are gone.
    contracts: the integer operations that it may become; empty when that is up to the operations it is built of.
    """

    onnx_types: ClassVar[tuple[str, ...]] = ()
    onnx_since: ClassVar[tuple[tuple[str, int], ...]] = ()
    onnx_until: ClassVar[tuple[tuple[str, int], ...]] = ()
    contracts: ClassVar[tuple[type[Contract], ...]] = ()

    @classmethod
    @abstractmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        """Build what the ONNX node means; its outputs in order.

        Raises:
            Unsupported: with the reason, when the node is outside our limits.
        """


@dataclass(frozen=True)
class Op(OnnxOperator):
    """A float operation: an immutable record of its attributes."""

    @property
    def mnemonic(self) -> str:
        """The class name in lower case with underscores, without a trailing one: `max_pool`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    # ---- ONNX ----

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        """One node of `from_onnx` on the same inputs."""
        return build.node(cls.from_onnx(node), node.inputs, names=node.output_names)

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Op:
        """The record for an ONNX node that maps to one operation.

        Raises:
            Unsupported: with the reason, when the attributes are outside our limits.
        """
        raise NotImplementedError(cls.__name__)

    def to_onnx(self) -> list[OnnxForm]:
        """The chain of ONNX nodes (each feeds the next one) that means the same."""
        raise NotImplementedError(type(self).__name__)

    # ---- float semantics ----

    @abstractmethod
    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        """The float32 outputs: used to fold constants, to calibrate and to test against ONNX Runtime."""

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        """Output shapes; the default runs `evaluate` on zeros."""
        zeros = [None if shape is None else np.zeros(shape, dtype=np.float32) for shape in inputs]
        return [result.shape for result in self.evaluate(*zeros)]

    def macs(self, inputs: list[Shape | None], output: Shape) -> int:
        """Multiply-accumulates; 0 where the term means nothing."""
        return 0

    # ---- quantization ----

    @property
    def scale_rule(self) -> ScaleRule:
        """How the outputs get their scales."""
        return ScaleRule.FREE

    def fixed_quant(self) -> tuple[float, int]:
        """Scale and zero point of the output under `ScaleRule.FIXED`."""
        raise NotImplementedError(type(self).__name__)

    @abstractmethod
    def lower(self, low: Lowering) -> None:
        """Emit the integer contracts that compute this node (channels last)."""

    # ---- layout ----

    def channels_last_form(self) -> Op | None:
        """The same operation on NHWC data, for one that fixes the channel axis at 1; None for others."""
        return None

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        """The operation that gives Transpose(y, perm) from Transpose(x, perm) inputs; None when there is none.

        shapes: of the inputs as they are now. Element-wise operations return themselves.
        """
        return None
