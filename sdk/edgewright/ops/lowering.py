"""What an operation sees while it lowers itself to integer contracts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import LutS8
from edgewright.contracts.movement import ReshapeS8
from edgewright.ir import AnyNode, Graph, Node, Quant, Value


class Lowering:
    """Collects the integer nodes of one float node.

    graph: the integer graph that grows. node: the float node. values: float value -> integer value so far.
    """

    def __init__(self, graph: Graph[Contract], node: AnyNode, values: dict[Value, Value]) -> None:
        self.graph = graph
        self.node = node
        self.values = values
        self._serial = 0

    # ---- inputs ----

    def input(self, index: int) -> Value:
        """The int8 value of input `index`; a constant is quantized with its annotated or own range."""
        source = self.node.operand(index)
        if source not in self.values:
            if source.data is None:
                raise ValueError(f"{self.node.name}: '{source.name}' was not lowered")
            quant = source.quant or const_quant(source.data)
            self.values[source] = Value(source.name, source.shape, "int8", quant.quantize(source.data), quant)
        return self.values[source]

    def input_as(self, index: int, quant: Quant) -> Value:
        """Input `index` under `quant`: a constant is quantized so, anything else requantized where it differs."""
        source = self.node.operand(index)
        if source.data is None:
            return self.requantized(self.input(index), quant)
        return Value(
            f"{source.name}/{self.node.outputs[0].name}", source.shape, "int8", quant.quantize(source.data), quant
        )

    def constant(self, index: int, data: np.ndarray) -> Value:
        """`data` in place of the constant input `index`, quantized by its own range."""
        quant, name = const_quant(data), f"{self.node.operand(index).name}/{self.node.outputs[0].name}"
        return Value(name, data.shape, "int8", quant.quantize(data), quant)

    def has_input(self, index: int) -> bool:
        """Whether input `index` is given."""
        return index < len(self.node.inputs) and self.node.inputs[index] is not None

    def real(self, index: int) -> np.ndarray:
        """The float contents of a constant input."""
        data = self.node.operand(index).data
        if data is None:
            raise ValueError(f"{self.node.name}: input {index} is not a constant")
        return data

    def quant(self, index: int) -> Quant:
        """Quantization of input `index`."""
        return quant_of(self.input(index))

    # ---- outputs ----

    def out(self, index: int = 0) -> Value:
        """The float output `index`."""
        return self.node.outputs[index]

    def out_quant(self, index: int = 0) -> Quant:
        """The quantization that output `index` shall have."""
        return quant_of(self.node.outputs[index])

    def emit(self, contract: Contract, inputs: Sequence[Value], out: int = 0, dtype: str = "int8") -> Value:
        """The last contract for output `out`."""
        target = self.node.outputs[out]
        result = Value(target.name, target.shape, dtype, None, target.quant)
        self._append(contract, inputs, result)
        self.values[target] = result
        return result

    def temp(self, contract: Contract, inputs: Sequence[Value], shape: tuple[int, ...], quant: Quant) -> Value:
        """An intermediate value of the lowering."""
        self._serial += 1
        name = f"{self.node.outputs[0].name}/{self._serial}"
        result = Value(name, shape, "int8", None, quant)
        self._append(contract, inputs, result)
        return result

    def emit_moved(self, contract: Contract, value: Value, out: int = 0) -> Value:
        """The last contract for output `out` of an operation that only moves or selects bytes of `value`.

        Where the output has another scale, the smaller of the two sides is requantized.
        """
        target, have, want = self.node.outputs[out], quant_of(value), self.out_quant(out)
        if have == want:
            return self.emit(contract, [value], out, dtype=value.dtype)
        if value.size < target.size:
            return self.emit(contract, [self.requantized(value, want)], out)
        if not isinstance(contract, ReshapeS8):
            value = self.temp(contract, [value], target.shape, have)
        return self.emit(LutS8(table=requantizing_table(have, want), n=target.size), [value], out)

    def requantized(self, value: Value, quant: Quant) -> Value:
        """`value` under another quantization: itself when equal, through a table otherwise."""
        have = quant_of(value)
        if have == quant:
            return value
        if value.data is not None:
            data = quant.quantize(have.dequantize(value.data))
            return Value(f"{value.name}/requantized", value.shape, "int8", data, quant)
        return self.temp(LutS8(table=requantizing_table(have, quant), n=value.size), [value], value.shape, quant)

    def _append(self, contract: Contract, inputs: Sequence[Value], result: Value) -> None:
        self.graph.nodes.append(Node(contract, list(inputs), [result], self.node.name))


def requantizing_table(have: Quant, want: Quant) -> np.ndarray:
    """int8 [256]: the values of `have` under `want`."""
    return want.quantize(have.dequantize(np.arange(-128, 128)))


def quant_of(value: Value) -> Quant:
    """The quantization of a value that must have one."""
    if value.quant is None:
        raise ValueError(f"'{value.name}' has no quantization")
    return value.quant


def const_quant(data: np.ndarray) -> Quant:
    """Quantization of a constant operand: symmetric when its range is, one step for a single value."""
    low, high = min(float(data.min()), 0.0), max(float(data.max()), 0.0)
    if low == high:  # of zeros: any scale is right that is not large beside those it is added to
        return Quant(2.0**-30, 0)
    if low == 0.0 or high == 0.0:
        edge = high if low == 0.0 else low
        return Quant(abs(edge) / 255.0, -128 if edge > 0 else 127)
    scale = (high - low) / 255.0
    return Quant(scale, int(np.clip(np.rint(-128 - low / scale), -128, 127)))
