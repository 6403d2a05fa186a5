"""How operations are written: in which opset, and those that newer opsets say differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import onnx

from edgewright.ir import Graph, Node
from edgewright.ops import Op
from edgewright.ops.base import Shape
from edgewright.ops.fused import FusedUnary
from edgewright.ops.onnx_node import OnnxForm
from edgewright.ops.pool import AveragePool, Pool
from edgewright.ops.softmax import OverAxis
from edgewright.ops.spatial import sizes

#: The oldest opset that is written; every runtime of the last years reads it.
OPSET = 17
#: Source: ONNX changelog. Opset 18: reductions but ReduceSum take their axes as an input instead of an attribute;
#: opset 19: AveragePool may be dilated; opset 21: DequantizeLinear reads INT4.
AXES_INPUT_SINCE = 18
DILATED_AVERAGE_SINCE = 19
INT4_SINCE = 21


def forms_of(graph: Graph[Op]) -> Iterator[OnnxForm]:
    """The ONNX nodes that the graph's nodes become."""
    for node in graph.nodes:
        yield from forms_of(node.op.body) if isinstance(node.op, FusedUnary) else forms_of_node(node)


def forms_of_node(node: Node[Op]) -> list[OnnxForm]:
    """The chain of ONNX nodes that one node becomes, for operations other than `FusedUnary`."""
    if isinstance(node.op, OverAxis) and node.op.flat:
        return _flattened(node.op, node.output.shape)
    if isinstance(node.op, Pool) and node.op.ceil:
        return _without_ceil(node.op, node.operand(0).shape).to_onnx()
    return node.op.to_onnx()


def _flattened(op: OverAxis, shape: Shape) -> list[OnnxForm]:
    """Softmax over all axes from one on: since opset 13 it runs along a single axis."""
    rows = np.array([int(np.prod(shape[: op.axis])), -1], dtype=np.int64)
    (form,) = replace(op, axis=1).to_onnx()
    return [OnnxForm("Reshape", {}, {1: rows}), form, OnnxForm("Reshape", {}, {1: np.array(shape, dtype=np.int64)})]


def _without_ceil(op: Pool, shape: Shape) -> Pool:
    """The pool with the pads that give its output size without ceil_mode, about which tools disagree.

    Source: ONNX MaxPool, opset 22: no window begins behind the input; checkers of older opsets count such windows.
    """
    window, size, out = op.window, sizes(shape, False)[:2], op.out_size(shape)
    after = [
        max(window.pads[k + 2], (out[k] - 1) * window.stride[k] + window.extent[k] - size[k] - window.pads[k])
        for k in (0, 1)
    ]
    fitted = replace(op, ceil=False, window=replace(window, pads=(*window.pads[:2], after[0], after[1])))
    counts_padding = isinstance(op, AveragePool) and op.count_include_pad and fitted.window != window
    return op if counts_padding or fitted.out_size(shape) != out else fitted


def opset_for(forms: Iterable[OnnxForm]) -> int:
    """The first opset from OPSET on in which all of them exist."""
    written = list(forms)
    wanted = {form.op_type for form in written}
    since: dict[str, int] = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.domain == "" and schema.name in wanted:
            since[schema.name] = min(since.get(schema.name, schema.since_version), schema.since_version)
    dilated = any(form.op_type == "AveragePool" and not _is_undilated(form) for form in written)
    return max(OPSET, DILATED_AVERAGE_SINCE if dilated else 0, *since.values(), 0)


def at_opset(form: OnnxForm, opset: int) -> OnnxForm:
    """`form` as `opset` says it."""
    reduces = form.op_type.startswith("Reduce") and form.op_type != "ReduceSum"
    if reduces and opset < AXES_INPUT_SINCE and 1 in form.constants:
        return replace(form, attributes={**form.attributes, "axes": form.constants[1].tolist()}, constants={})
    if form.op_type == "AveragePool" and _is_undilated(form):
        return replace(form, attributes={k: v for k, v in form.attributes.items() if k != "dilations"})
    return form


def _is_undilated(form: OnnxForm) -> bool:
    return all(step == 1 for step in form.attributes.get("dilations", ()))
