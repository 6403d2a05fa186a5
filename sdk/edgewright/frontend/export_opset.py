"""Which opset a graph is written in, and what differs between opsets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import onnx

from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.ops.fused import FusedUnary
from edgewright.ops.onnx_node import OnnxForm

#: The oldest opset that is written; every runtime of the last years reads it.
OPSET = 17
#: Source: ONNX changelog. Opset 18: reductions but ReduceSum take their axes as an input instead of an attribute;
#: opset 19: AveragePool may be dilated.
AXES_INPUT_SINCE = 18
DILATED_AVERAGE_SINCE = 19


def forms_of(graph: Graph) -> Iterator[OnnxForm]:
    """The ONNX nodes that the graph's nodes become."""
    for node in graph.nodes:
        assert isinstance(node.op, Op)
        yield from forms_of(node.op.body) if isinstance(node.op, FusedUnary) else node.op.to_onnx()


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
