"""Evaluates nodes whose inputs are all known, with ONNX's own reference implementation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import NodeProto, OperatorSetIdProto, TypeProto, ValueInfoProto, helper
from onnx.reference import ReferenceEvaluator

from edgewright.ops.onnx_node import Unsupported

#: A constant of more elements is not computed at compile time (a hostile Expand could ask for any size).
MAX_ELEMENTS = 64 * 2**20


def fold(node: NodeProto, opsets: list[OperatorSetIdProto], inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The outputs of `node` for constant `inputs`.

    Raises:
        Unsupported: the reference implementation cannot evaluate it, or the result is too large.
    """
    values = [ValueInfoProto(name=name) for name in inputs]
    outputs = [ValueInfoProto(name=name) for name in node.output if name]
    for info in outputs:
        info.type.CopyFrom(TypeProto())
    graph = helper.make_graph([node], "fold", [], outputs)
    graph.input.extend(values)
    model = helper.make_model(graph, opset_imports=opsets)
    if node.op_type in ("Expand", "Tile", "ConstantOfShape", "Range"):
        _refuse_huge(node, inputs)
    try:
        results = ReferenceEvaluator(model).run(None, dict(inputs))
    except Exception as error:
        raise Unsupported(f"constant {node.op_type} cannot be evaluated: {str(error).splitlines()[0][:200]}") from None
    return [np.asarray(result) for result in results]


def _refuse_huge(node: NodeProto, inputs: Mapping[str, np.ndarray]) -> None:
    last = inputs[node.input[-1]] if node.input else np.array([0])
    size = float(np.prod(last.astype(np.float64))) if node.op_type != "Range" else float(np.max(np.abs(last)))
    if size > MAX_ELEMENTS:
        raise Unsupported(f"constant {node.op_type} of {size:.0f} elements; at most {MAX_ELEMENTS:,}")
