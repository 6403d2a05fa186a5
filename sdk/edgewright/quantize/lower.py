"""Float graph with scales -> integer graph of contracts."""

from __future__ import annotations

from edgewright.contracts import Contract
from edgewright.contracts.movement import ReshapeS8
from edgewright.errors import UnsupportedError
from edgewright.ir import Graph, Value
from edgewright.ops import Op
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import Unsupported


def lower_graph(graph: Graph[Op]) -> Graph[Contract]:
    """The integer graph of a float graph in channels-last form whose values all have a scale.

    Raises:
        UnsupportedError: nodes whose arithmetic does not fit integers, all of them.
    """
    integer: Graph[Contract] = Graph(graph.name)
    values: dict[Value, Value] = {}
    for value in graph.inputs:
        stored = Value(value.name, value.shape, "int8", None, value.quant, model_perm=value.model_perm)
        integer.inputs.append(stored)
        values[value] = stored
    reasons: list[str] = []
    for node in graph.nodes:
        try:
            node.op.lower(Lowering(integer, node, values))
        except (Unsupported, OverflowError, ValueError) as error:  # ValueError: a factor without a fixed-point form
            reasons.append(f"'{node.name}' ({node.op.mnemonic}): {error}")
            for out in node.outputs:
                values.setdefault(out, Value(out.name, out.shape, "int8", None, out.quant))
    if reasons:
        raise UnsupportedError(graph.name, reasons)
    for out in graph.outputs:
        result = values[out]
        result.model_perm = out.model_perm
        integer.outputs.append(result)
    integer.prune()
    _keep_types(integer)
    integer.verify()
    return integer


def _keep_types(integer: Graph[Contract]) -> None:
    """Indices stay int32 when they are reshaped."""
    for node in integer.nodes:
        if isinstance(node.op, ReshapeS8):
            node.output.dtype = node.operand(0).dtype
