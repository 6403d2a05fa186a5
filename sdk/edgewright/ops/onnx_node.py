"""An ONNX node as plain Python: what operators read when they import, and write when they export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from edgewright.ir import Value


class Unsupported(Exception):  # noqa: N818 - a verdict on a node, which the importer collects
    """An ONNX node is outside what we support; the text is the reason, without the node's name."""


@dataclass(frozen=True, eq=False)
class OnnxNode:
    """One node of the model.

    inputs: None for an omitted one; constants carry their data. outputs_used: how many outputs are named.
    """

    op_type: str
    opset: int
    attributes: Mapping[str, Any]
    inputs: list[Value | None]
    output_names: list[str]

    def attribute(self, name: str, default: Any = None) -> Any:
        """An attribute's value, or `default`."""
        return self.attributes.get(name, default)

    def text(self, name: str, default: str) -> str:
        """A string attribute."""
        value = self.attribute(name, default)
        return value.decode() if isinstance(value, bytes) else str(value)

    def has_input(self, index: int) -> bool:
        """Whether input `index` is given."""
        return index < len(self.inputs) and self.inputs[index] is not None

    def input(self, index: int) -> Value:
        """Input `index`.

        Raises:
            Unsupported: it is absent.
        """
        value = self.inputs[index] if index < len(self.inputs) else None
        if value is None:
            raise Unsupported(f"input {index} is missing")
        return value

    def constant(self, index: int, what: str) -> np.ndarray:
        """The contents of input `index`.

        Raises:
            Unsupported: it is not a constant.
        """
        value = self.input(index)
        if value.data is None:
            raise Unsupported(f"{what} is computed at run time ('{value.name}'); supported: a constant")
        return value.data

    def integers(self, index: int, name: str) -> list[int] | None:
        """A list of integers, or None: input `index` in newer opsets, attribute `name` in older ones."""
        found = self.constant_or_attribute(index, name)
        return None if found is None else [int(v) for v in np.asarray(found).reshape(-1)]

    def constant_or_attribute(self, index: int, name: str, default: Any = None) -> Any:
        """What newer opsets give as input `index` and older ones as attribute `name`."""
        if self.has_input(index):
            return self.constant(index, name)
        return self.attribute(name, default)


@dataclass(frozen=True, eq=False)
class OnnxForm:
    """One ONNX node to write.

    op_type with attributes; constants: input position -> array. Without `takes_inputs` its only other input is the
    output of the form before it.
    """

    op_type: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[int, np.ndarray] = field(default_factory=dict)
