"""Grows an ONNX graph: nodes, initializers, and names that nobody has yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, helper

from edgewright.frontend.export_opset import at_opset
from edgewright.ir import Quant
from edgewright.ops.onnx_node import OnnxForm


class OnnxBuilder:
    """Collects `nodes` and `initializers` for `opset`.

    taken: names that are spoken for; `fresh` avoids them.
    """

    def __init__(self, opset: int, taken: set[str]) -> None:
        self.opset = opset
        self.nodes: list[NodeProto] = []
        self.initializers: dict[str, np.ndarray] = {}
        self._taken = taken
        self._node_names: set[str] = set()

    def fresh(self, stem: str) -> str:
        """A value name that nobody has, beginning with `stem`; it is taken from now on."""
        return _unique(stem, self._taken)

    def constant(self, data: np.ndarray, name: str) -> str:
        """An initializer called `name`; its name."""
        self.initializers[name] = data.astype(np.float32) if data.dtype == np.float64 else data
        return name

    def node(
        self, op_type: str, inputs: Sequence[str], outputs: Sequence[str], name: str = "", **attributes: Any
    ) -> None:
        """One node, called `name` or after its first output."""
        unique = _unique(name or outputs[0], self._node_names)
        self.nodes.append(helper.make_node(op_type, inputs, outputs, name=unique, **attributes))

    def chain(self, forms: Sequence[OnnxForm], operands: Sequence[str], outputs: Sequence[str], name: str) -> None:
        """The forms one after the other: the first reads `operands`, the last gives `outputs`."""
        forms = forms or [OnnxForm("Identity")]
        for index, written in enumerate(forms):
            form = at_opset(written, self.opset)
            kind = form.op_type.lower()
            results = list(outputs) if index == len(forms) - 1 else [self.fresh(f"{outputs[0]}/{kind}")]
            inputs = list(operands)
            for position, data in sorted(form.constants.items()):
                inputs += [""] * (position + 1 - len(inputs))
                inputs[position] = self.constant(data, self.fresh(f"{results[0]}/{kind}.{position}"))
            while inputs and not inputs[-1]:
                inputs.pop()
            self.node(form.op_type, inputs, results, name, **form.attributes)
            operands = results

    def quantized(self, source: str, quant: Quant, stem: str, result: str) -> None:
        """`source` through QuantizeLinear and DequantizeLinear; it is called `result` then."""
        parameters = [
            self.constant(np.array(quant.scale, dtype=np.float32), self.fresh(f"{stem}/scale")),
            self.constant(np.array(quant.zero, dtype=np.int8), self.fresh(f"{stem}/zero")),
        ]
        whole = self.fresh(f"{stem}/quantized")
        self.node("QuantizeLinear", [source, *parameters], [whole])
        self.node("DequantizeLinear", [whole, *parameters], [result])

    def dequantized(self, whole: np.ndarray, scales: np.ndarray, axis: int, name: str) -> str:
        """An integer initializer behind DequantizeLinear, scales along `axis`; the real constant is called `name`."""
        parts = [
            self.constant(whole, self.fresh(f"{name}/quantized")),
            self.constant(scales.astype(np.float32), self.fresh(f"{name}/scales")),
        ]
        self.node("DequantizeLinear", parts, [name], axis=axis)
        return name


def _unique(stem: str, taken: set[str]) -> str:
    name, serial = stem, 1
    while name in taken:
        name, serial = f"{stem}.{serial}", serial + 1
    taken.add(name)
    return name
