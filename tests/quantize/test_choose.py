"""Which scale every activation gets."""

import pytest

from edgewright.errors import UsageError
from edgewright.ir import Graph, Quant, Value
from edgewright.ir.text import parse_graph
from edgewright.ops import Op
from edgewright.quantize.choose import annotate, shared_groups
from edgewright.quantize.observe import Observer
from tests.harness.graph_strategies import op_records


def parsed(body: str) -> Graph[Op]:
    return parse_graph(f"graph 'g' {{\n{body}\n}}", op_records())


def observed(graph: Graph[Op], **ranges: tuple[float, float]) -> dict[Value, Observer]:
    """Observers that saw these extremes; the others -1 to 1."""
    return {v: Observer(*ranges.get(v.name, (-1.0, 1.0))) for v in graph.values() if not v.is_const}


def scales(graph: Graph[Op]) -> dict[str, float]:
    return {v.name: round(v.quant.scale * 255, 4) for v in graph.values() if v.quant is not None}


def test_free_values_get_what_was_observed() -> None:
    graph = parsed("""input %x:f32[1,2]
        %y:f32[1,2] = add(%x, %x)
        output %y""")
    annotate(graph, observed(graph, x=(0.0, 2.55), y=(-2.0, 3.0)))
    assert scales(graph) == {"x": 2.55, "y": 5.0}
    assert graph.inputs[0].quant == Quant(graph.inputs[0].quant.scale, -128)  # type: ignore[union-attr]


def test_moved_values_keep_the_scale_of_their_source() -> None:
    """Moving bytes must not change them."""
    graph = parsed("""input %x:f32[1,2]
        %y:f32[2,1] = reshape(%x) {shape=(2, 1)}
        %z:f32[1,2] = transpose(%y) {perm=(1, 0)}
        output %z""")
    annotate(graph, observed(graph, x=(-2.0, 2.0)))
    assert scales(graph) == {"x": 4.0, "y": 4.0, "z": 4.0}


def test_fixed_scales_do_not_look_at_the_data() -> None:
    graph = parsed("""input %x:f32[1,2]
        %y:f32[1,2] = softmax(%x) {axis=1}
        output %y""")
    annotate(graph, observed(graph, y=(0.0, 0.3)))
    assert graph.outputs[0].quant == Quant(1 / 256, -128)


def test_joined_values_share_the_widest_range() -> None:
    """A concatenation copies bytes, so all of its parts need one scale, however they came about."""
    graph = parsed("""input %x:f32[1,2]
        input %other:f32[1,2]
        %a:f32[1,2] = unary(%x) {function='Tanh'}
        %b:f32[2,1] = unary(%a) {function='Abs'}
        %r:f32[1,2] = reshape(%b) {shape=(1, 2)}
        %c:f32[1,4] = concat(%a, %r) {axis=1}
        %d:f32[1,6] = concat(%c, %other) {axis=1}
        %e:f32[1,6] = unary(%d) {function='Tanh'}
        output %e""")
    (group,) = shared_groups(graph)
    assert {v.name for v in group} == {"a", "b", "r", "c", "d", "other"}
    annotate(graph, observed(graph, a=(-3.0, 0.0), b=(0.0, 7.0), e=(-1.0, 0.0)))
    assert scales(graph) == {"x": 2.0, "e": 1.0, **dict.fromkeys(("a", "b", "r", "c", "d", "other"), 10.0)}


def test_scales_of_the_model_are_kept() -> None:
    graph = parsed("""input %x:f32[1,2]<0.1:5>
        %y:f32[1,2]<0.2:6> = add(%x, %x)
        %z:f32[1,2] = reshape(%y) {shape=(1, 2)}
        output %z""")
    annotate(graph, None)
    assert [v.quant for v in graph.values()] == [Quant(0.1, 5), Quant(0.2, 6), Quant(0.2, 6)]


def test_what_a_quantized_model_leaves_open_is_counted() -> None:
    graph = parsed("""input %x:f32[1,2]<0.1:5>
        %y:f32[1,2] = add(%x, %x)
        %z:f32[1,2] = add(%y, %x)
        output %z""")
    with pytest.raises(UsageError, match=r"2 activations have no scale .* \('y', 'z'\); give calibration data"):
        annotate(graph, None)
