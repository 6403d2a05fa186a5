"""Models that arrive quantized: Q/DQ pairs and QLinear operators become scales on float values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from edgewright.frontend.names import type_name
from edgewright.ir import Quant, Value
from edgewright.ir.builder import Builder
from edgewright.ops.add import Add
from edgewright.ops.mul import Mul
from edgewright.ops.onnx_node import OnnxNode, Unsupported
from edgewright.ops.registry import import_node
from edgewright.ops.reshape import Reshape

#: Quantized operator -> (float operator, number of (value, scale, zero) input triples that come first).
OPERATORS = {
    "QLinearConv": "Conv",
    "QLinearMatMul": "MatMul",
    "QGemm": "Gemm",
    "QLinearAdd": "Add",
    "QLinearMul": "Mul",
    "QLinearSigmoid": "Sigmoid",
    "QLinearLeakyRelu": "LeakyRelu",
    "QLinearGlobalAveragePool": "GlobalAveragePool",
    "QLinearAveragePool": "AveragePool",
    "QLinearSoftmax": "Softmax",
    "QLinearConcat": "Concat",
}
#: Types of constants whose own scales are kept.
WEIGHT_TYPES = ("int8", "uint8", "int4", "uint4")
QUANTIZED = ("QuantizeLinear", "DequantizeLinear", *OPERATORS)


@dataclass(frozen=True, eq=False)
class Quantized:
    """The int8 or uint8 view of a float value.

    Its scale is that of the value: None while nothing has said it (a quantized graph input). unsigned: the model
    counts 0 to 255.
    """

    value: Value
    unsigned: bool


Operand = Value | Quantized | None


def import_quantized(node: OnnxNode, inputs: Sequence[Operand], build: Builder) -> list[Value | Quantized]:
    """Import one node of `QUANTIZED`.

    Raises:
        Unsupported: run-time or invalid scales, per-channel activations, another type than int8 or uint8.
    """
    if node.op_type == "QuantizeLinear":
        scale = _constant(inputs, 1, "scale")
        return [_quantize(_float(inputs[0]), scale, _zero(inputs, 2, _unsigned(node)), build, node.output_names[0])]
    if node.op_type == "DequantizeLinear":
        return [_dequantize(node, inputs, build)]
    return [_operator(node, list(inputs), build)]


def _quantize(value: Value, scale: np.ndarray, zero: np.ndarray, build: Builder, name: str) -> Quantized:
    """A copy of `value` under the scale that its reader asks for; `settle_scales` removes it where it can."""
    quant = _activation_quant(scale, zero)
    if value.quant != quant:
        value = build.value(Reshape(value.shape), [value], build.name(f"{name}.requantized"))
        value.quant = quant
    return Quantized(value, zero.dtype == np.uint8)


def _dequantize(node: OnnxNode, inputs: Sequence[Operand], build: Builder) -> Value:
    source = inputs[0]
    scale = _constant(inputs, 1, "scale")
    if isinstance(source, Quantized):
        return read_as(source, _activation_quant(scale, _zero(inputs, 2, source.unsigned)), build)
    block = node.attribute("block_size", 0)
    if block:
        raise Unsupported(f"scales of blocks of {block}; supported: one scale, or one per channel")
    if source is None or source.data is None:
        raise Unsupported("input is neither a constant nor quantized by the model; supported: those")
    zero = np.asarray(_constant(inputs, 2, "zero point")) if len(inputs) > 2 and inputs[2] is not None else np.zeros(1)
    return _real_constant(source, scale, zero, node.attribute("axis", 1), build, node.output_names[0])


def read_as(source: Quantized, quant: Quant, build: Builder) -> Value:
    """The float value of the codes of `source` under `quant`, whatever the scale that they were written with."""
    _tell_scale(source.value, quant, build)
    written = source.value.quant
    if written is None or written == quant:
        return source.value
    value = build.value(Mul(), [source.value, build.const(np.array(quant.scale / written.scale, dtype=np.float32))])
    if written.zero != quant.zero:
        shift = np.array((written.zero - quant.zero) * quant.scale, dtype=np.float32)
        value = build.value(Add(), [value, build.const(shift)])
    value.quant = quant
    return value


def _tell_scale(value: Value, quant: Quant, build: Builder) -> None:
    """Give codes that come from outside their scale, and so what they were moved from."""
    producers = build.graph.producers() | {out: node for node in build.nodes for out in node.outputs}
    while value.quant is None:
        value.quant = quant
        node = producers.get(value)
        if node is None:
            return
        value = node.operand(0)


def _real_constant(source: Value, scale: np.ndarray, zero: np.ndarray, axis: int, build: Builder, name: str) -> Value:
    """A quantized constant as float; a symmetric one of up to 8 bits remembers its own scales."""
    assert source.data is not None
    _check_scale(scale)
    whole = source.data.astype(np.int32)
    rank = whole.ndim
    spread = [1] * rank
    if scale.size > 1:
        axis %= rank
        spread[axis] = scale.size
    shift = np.broadcast_to(zero.reshape(-1).astype(np.int32), (scale.size,)).reshape(spread)
    centred = whole - shift
    real = (centred * scale.reshape(spread)).astype(np.float32)
    result = build.const(real, name)
    if (
        source.data.dtype.name in WEIGHT_TYPES
        and np.abs(centred).max(initial=0) <= 128
        and centred.max(initial=0) <= 127
    ):
        result.weight_scales, result.weight_axis = scale.reshape(-1).astype(np.float64), axis if scale.size > 1 else 0
    return result


def _operator(node: OnnxNode, inputs: list[Operand], build: Builder) -> Quantized:
    name = node.op_type
    operands: list[Value | None] = []
    if name == "QLinearConcat":
        y_scale, y_zero, rest = _constant(inputs, 0, "scale"), _zero(inputs, 1), inputs[2:]
        operands = [_real(rest[i : i + 3], build) for i in range(0, len(rest), 3)]
    elif name in ("QLinearConv", "QLinearMatMul", "QLinearAdd", "QLinearMul", "QGemm"):
        by_column = name == "QLinearMatMul" or (name == "QGemm" and not node.attribute("transB", 0))
        operands = [_real(inputs[0:3], build), _real(inputs[3:6], build, -1 if by_column else 0)]
        tail = 6
        if name == "QGemm":
            operands.append(_bias(inputs, 6, inputs[1], inputs[4], build))
            tail = 7
            if len(inputs) < 9:
                raise Unsupported("float output; supported: a quantized one")
        y_scale, y_zero = _constant(inputs, tail, "scale"), _zero(inputs, tail + 1)
        if name == "QLinearConv" and len(inputs) > 8:
            operands.append(_bias(inputs, 8, inputs[1], inputs[4], build))
    else:
        operands = [_real(inputs[0:3], build)]
        y_scale, y_zero = _constant(inputs, 3, "scale"), _zero(inputs, 4)
    if node.attribute("channels_last", 0):
        raise Unsupported("channels_last 1; supported: 0")
    opset = node.attribute("opset", node.opset) if name == "QLinearSoftmax" else node.opset
    inner = OnnxNode(OPERATORS[name], opset, node.attributes, operands, [build.name(node.output_names[0])])
    (result,) = import_node(inner, build)
    return _quantize(result, y_scale, y_zero, build, node.output_names[0])


def _real(triple: Sequence[Operand], build: Builder, axis: int = 0) -> Value:
    """The float value of a (quantized value, scale, zero point) triple."""
    source = triple[0]
    if isinstance(source, Quantized):
        return read_as(source, _activation_quant(_constant(triple, 1, "scale"), _zero(triple, 2)), build)
    if source is None or source.data is None:
        raise Unsupported("an operand is neither a constant nor quantized by the model")
    zero = np.asarray(_constant(triple, 2, "zero point")) if triple[2] is not None else np.zeros(1)
    return _real_constant(source, _constant(triple, 1, "scale"), zero, axis, build, f"{source.name}.real")


def _bias(inputs: Sequence[Operand], index: int, x_scale: Operand, w_scale: Operand, build: Builder) -> Value | None:
    """An int32 bias at x_scale * w_scale as float."""
    if len(inputs) <= index or inputs[index] is None:
        return None
    scales = [v.data for v in (x_scale, w_scale) if isinstance(v, Value) and v.data is not None]
    bias = _constant(inputs, index, "bias")
    real = bias.astype(np.float64) * scales[0].astype(np.float64) * scales[1].astype(np.float64)
    return build.const(real.astype(np.float32), "bias")


def _float(value: Operand) -> Value:
    if not isinstance(value, Value):
        raise Unsupported("quantizes what is already quantized")
    return value


def _constant(inputs: Sequence[Operand], index: int, what: str) -> np.ndarray:
    value = inputs[index] if index < len(inputs) else None
    if not isinstance(value, Value) or value.data is None:
        raise Unsupported(f"{what} is not a constant; supported: constants")
    return value.data


def _zero(inputs: Sequence[Operand], index: int, unsigned_default: bool = True) -> np.ndarray:
    if index < len(inputs) and inputs[index] is not None:
        return np.asarray(_constant(inputs, index, "zero point"))
    return np.zeros((), dtype=np.uint8 if unsigned_default else np.int8)


def _unsigned(node: OnnxNode) -> bool:
    """Whether QuantizeLinear without a zero point gives uint8."""
    kind = node.attribute("output_dtype", 0) or TensorProto.UINT8
    if kind not in (TensorProto.INT8, TensorProto.UINT8):
        raise Unsupported(f"activation of type {type_name(kind).lower()}; supported: int8 and uint8")
    return bool(kind == TensorProto.UINT8)


def _check_scale(scale: np.ndarray) -> None:
    if not np.all(np.isfinite(scale)) or np.any(scale <= 0):
        raise Unsupported(f"scale {scale.reshape(-1)[:4].tolist()}; a scale must be positive")


def _activation_quant(scale: np.ndarray, zero: np.ndarray) -> Quant:
    _check_scale(scale)
    if scale.size != 1:
        raise Unsupported("activation with a scale per channel; supported: one scale")
    if zero.dtype not in (np.int8, np.uint8):
        raise Unsupported(f"activation of type {zero.dtype.name}; supported: int8 and uint8")
    whole = int(zero.reshape(-1)[0])
    return Quant(float(scale.reshape(-1)[0]), whole - 128 if zero.dtype == np.uint8 else whole)
