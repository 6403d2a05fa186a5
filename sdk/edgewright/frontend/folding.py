"""Evaluates nodes whose inputs are all known, with ONNX's own reference implementation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import NodeProto, OperatorSetIdProto, TypeProto, ValueInfoProto, helper
from onnx.reference import ReferenceEvaluator

from edgewright.ops.onnx_node import Unsupported

#: A constant of more elements is not computed at compile time (a hostile Expand could ask for any size).
MAX_ELEMENTS = 64 * 2**20
#: Operators whose result may be larger than their inputs together, and those that may run for any time.
GROWING = ("ConstantOfShape", "Expand", "OneHot", "Pad", "Range", "Resize", "Tile", "Upsample")
ENDLESS = ("If", "Loop", "Scan", "SequenceMap")


def fold(node: NodeProto, opsets: list[OperatorSetIdProto], inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The outputs of `node` for constant `inputs`.

    Raises:
        Unsupported: the reference implementation cannot evaluate it, or the result is too large.
    """
    if node.op_type in ENDLESS or any(a.HasField("g") or a.graphs for a in node.attribute):
        raise Unsupported("operator is not supported")
    if node.op_type in GROWING:
        _refuse_huge(node, inputs)
    values = [ValueInfoProto(name=name) for name in inputs]
    outputs = [ValueInfoProto(name=name) for name in node.output if name]
    for info in outputs:
        info.type.CopyFrom(TypeProto())
    graph = helper.make_graph([node], "fold", [], outputs)
    graph.input.extend(values)
    model = helper.make_model(graph, opset_imports=opsets)
    try:
        results = ReferenceEvaluator(model).run(None, dict(inputs))
    except Exception as error:  # whatever the reference implementation trips over
        lines = str(error).splitlines() or [type(error).__name__]
        raise Unsupported(f"constant {node.op_type} cannot be evaluated: {lines[0][:200]}") from None
    return [np.asarray(result) for result in results]


def _refuse_huge(node: NodeProto, inputs: Mapping[str, np.ndarray]) -> None:
    """Raises Unsupported when the result would have more than MAX_ELEMENTS elements, or when that cannot be told."""
    operands = [inputs[name].astype(np.float64) if name else np.zeros(0) for name in node.input]
    size = _result_size(node.op_type, operands)
    if not size <= MAX_ELEMENTS:
        raise Unsupported(f"constant {node.op_type} of {size:.0f} elements; supported: at most {MAX_ELEMENTS:,}")


def _result_size(op_type: str, operands: list[np.ndarray]) -> float:
    """An upper bound of the elements of the result, infinite where there is none."""
    first, second = operands[0], operands[1] if len(operands) > 1 else np.zeros(0)
    match op_type:
        case "ConstantOfShape":
            return float(np.prod(first))
        case "Expand" | "Tile":
            return max(first.size, 1) * float(np.prod(np.abs(second)))
        case "OneHot":
            return first.size * float(np.max(np.abs(second)))
        case "Range":
            return float(np.max(np.abs((second - first) / operands[2])))
        case "Pad" if second.size:
            return float(np.prod(np.array(first.shape) + np.abs(second).sum()))
        case _:
            return np.inf
