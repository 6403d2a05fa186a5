"""Operators that a quantized model applies to the int8 codes themselves, between its Q and DQ nodes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgewright.frontend.names import FLOAT_TYPES, type_name
from edgewright.frontend.quantized import Quantized, read_as
from edgewright.ir import Quant, Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import ScaleRule
from edgewright.ops.clip import Clip
from edgewright.ops.onnx_node import OnnxNode, Unsupported
from edgewright.ops.pad import Pad
from edgewright.ops.registry import import_node

Known = Value | Quantized
#: Operators whose constant operands are codes too, and the first input that is one.
WITH_CODES = {"Clip": 1, "Concat": 0, "Max": 0, "Min": 0, "Pad": 2, "Relu": 1}


def import_on_codes(node: OnnxNode, inputs: Sequence[Known | None], build: Builder) -> list[Known]:
    """Import a node that reads codes: moved, selected or bounded, they mean the same under their scale.

    node: without inputs; they are `inputs`. What it gives is codes again, except indices.

    Raises:
        Unsupported: the operator computes with the integers, joins values of different scales, or needs a scale that
            nothing has told yet.
    """
    sources = [v for v in inputs if isinstance(v, Quantized)]
    quants = {source.value.quant for source in sources}
    if len(quants) > 1:
        raise Unsupported("joins integers of different scales; supported: one scale")
    if node.op_type == "Cast":
        return [_codes_as_numbers(node, sources[0], build)]
    (quant,) = quants
    plain = [v.value if isinstance(v, Quantized) else v for v in inputs]
    inner = _as_reals(node, plain, quant, sources[0].unsigned, build)
    results = import_node(inner, build)
    outputs: list[Known] = []
    for made in build.nodes:
        if made.op.scale_rule == ScaleRule.FREE and not isinstance(made.op, Clip | Pad):
            raise Unsupported(
                f"{node.op_type} of integers; supported: operators that move, select, bound or compare them"
            )
        for out in made.outputs:
            out.quant = quant if out.dtype == "float32" else None
    for value in results:
        outputs.append(value if value.dtype == "int32" else Quantized(value, sources[0].unsigned))
    return outputs


def _codes_as_numbers(node: OnnxNode, source: Quantized, build: Builder) -> Value:
    """Codes cast to float are numbers of scale 1: the pixels of a camera, 0 to 255."""
    if node.attribute("to") not in FLOAT_TYPES:
        raise Unsupported(f"Cast of integers to {type_name(node.attribute('to', 0))}; supported: to float")
    return read_as(source, Quant(1.0, -128 if source.unsigned else 0), build)


def _as_reals(
    node: OnnxNode, inputs: list[Value | None], quant: Quant | None, unsigned: bool, build: Builder
) -> OnnxNode:
    """The node on real values: codes that it holds as constants, or takes for granted, become what they stand for."""
    op_type, first = node.op_type, WITH_CODES.get(node.op_type, len(inputs))
    if op_type == "Relu" or (op_type == "Pad" and node.text("mode", "constant") == "constant"):
        op_type = "Clip" if op_type == "Relu" else op_type
        given = [*inputs, *[None] * (first + 1 - len(inputs))]
        inputs = [*given[:first], given[first] or build.const(np.zeros((), dtype=np.int32)), *given[first + 1 :]]
    codes = [k for k, v in enumerate(inputs) if k >= first and v is not None and v.data is not None]
    if quant is None and (codes or op_type == "Clip"):
        raise Unsupported(f"{op_type} of integers before anything says their scale; supported: behind a QuantizeLinear")
    for k in codes:
        value = inputs[k]
        assert value is not None
        assert value.data is not None
        assert quant is not None
        code = value.data.astype(np.int32) - (128 if unsigned else 0)
        inputs[k] = build.const(((code - quant.zero) * quant.scale).astype(np.float32))
    return OnnxNode(op_type, node.opset, node.attributes, inputs, node.output_names)
