"""From float graphs with scales to integer graphs: exact integers, and refusals that name every node."""

import numpy as np
import pytest
from hypothesis import given, settings

from edgewright.contracts import Contract
from edgewright.contracts.recurrent import LstmS8
from edgewright.errors import UnsupportedError
from edgewright.frontend import import_model
from edgewright.ir import Graph, Quant
from edgewright.ir.text import parse_graph, print_graph
from edgewright.ops import Op
from edgewright.quantize import (
    annotate,
    in_model_order,
    lower_graph,
    observe,
    quantized_inputs,
    run_float,
    run_integer,
)
from tests.harness.graph_strategies import float_graphs, inputs_of, op_records, quantized
from tests.harness.small_models import file_of, model, node, weights

CASES = [
    (
        "weights of 127 steps, a bias that holds -zero * sum(weights), and a clamp in output steps",
        """graph 'dense' {
          input %x:f32[1,2]<0.5:3>
          %w:f32[2,2] = const(1.27, -0.01, 0.0, 2.54)
          %b:f32[2] = const(1.0, -0.1)
          %y:f32[1,2]<0.1:-28> = dense(%x, %w, %b) {clamp=Clamp(0.0, 6.0)} 'fc'
          output %y
        }""",
        """graph 'dense' {
  input %x:i8[1,2]<0.5:3>
  %y:i8[1,2]<0.1:-28> = fc_s8(%x) {weights=i8[2,2](127, -1, 0, 127), bias=i32[2](-178, -391), \
mult=i32[2](214748360, 429496720), shift=0, rows=1, out_shape=(1, 2), y_zero=-28, act_min=-28, act_max=32} 'fc'
  output %y
}""",
    ),
    (
        "a sum of two scales: both factors and the offset at one shift",
        """graph 'sum' {
          input %a:f32[1,3]<0.5:0>
          input %b:f32[1,3]<0.25:4>
          %y:f32[1,3]<0.5:-8> = add(%a, %b) {sign=-1} 'sub'
          output %y
        }""",
        """graph 'sum' {
  input %a:i8[1,3]<0.5:0>
  input %b:i8[1,3]<0.25:4>
  %y:i8[1,3]<0.5:-8> = add_s8(%a, %b) {a_mult=8388608, b_mult=-4194304, offset=-46137344, shift=23, \
out_shape=(1, 3), a_shape=(1, 3), b_shape=(1, 3)} 'sub'
  output %y
}""",
    ),
    (
        "operands of a concatenation that differ in scale are requantized on the way; a reshape costs nothing",
        """graph 'joined' {
          input %a:f32[1,2]<0.5:0>
          input %b:f32[2,1]<0.25:0>
          %r:f32[1,2]<0.25:0> = reshape(%b) {shape=(1, 2)} 'r'
          %y:f32[1,4]<0.5:0> = concat(%a, %r) {axis=1} 'cat'
          output %y
        }""",
        """graph 'joined' {
  input %a:i8[1,2]<0.5:0>
  input %b:i8[2,1]<0.25:0>
  %r:i8[1,2]<0.25:0> = reshape_s8(%b) {out_shape=(1, 2)} 'r'
  %y/1:i8[1,2]<0.5:0> = lut_s8(%r) {table=i8[256](hash='HASH'), n=2} 'cat'
  %y:i8[1,4]<0.5:0> = copy_s8(%a, %y/1) {copies=(Copy(dims=(1, 2), x_strides=(2, 1), y_strides=(4, 1)), \
Copy(dims=(1, 2), x_strides=(2, 1), y_strides=(4, 1), y_offset=2)), out_shape=(1, 4)} 'cat'
  output %y
}""",
    ),
]


@pytest.mark.parametrize(("why", "before", "after"), CASES, ids=[why[:30] for why, _, _ in CASES])
def test_lowered_text(why: str, before: str, after: str) -> None:
    text = print_graph(lower_graph(parse_graph(before, op_records())))
    for part in after.split("HASH"):
        assert part in text


@settings(max_examples=60, deadline=None)
@given(float_graphs())
def test_ends_keep_their_names_and_shapes_and_every_value_has_a_scale(graph: Graph[Op]) -> None:
    """The interpreter, C and QDQ all need them."""
    ends = [(v.name, v.shape) for v in (*graph.inputs, *graph.outputs)]
    integer = quantized(graph)
    integer.verify()
    in_order = [in_model_order(np.zeros(v.shape), v.model_perm).shape for v in (*integer.inputs, *integer.outputs)]
    names = [v.name for v in (*integer.inputs, *integer.outputs)]
    assert list(zip(names, in_order, strict=True)) == ends
    assert all(isinstance(node.op, Contract) for node in integer.nodes)
    assert all(v.quant is not None and v.dtype == "int8" for v in integer.values())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(float_graphs(most=3))
def test_a_few_layers_stay_near_the_float_result(graph: Graph[Op]) -> None:
    """A structural mistake (a wrong axis, a lost zero point) is far outside what rounding does."""
    inputs = [inputs_of(graph, seed) for seed in range(3)]
    wanted = [run_float(graph, sample) for sample in inputs]
    integer = quantized(graph)
    for sample, want in zip(inputs, wanted, strict=True):
        for value, got, real in zip(
            integer.outputs, run_integer(integer, quantized_inputs(integer, sample)), want, strict=True
        ):
            assert value.quant is not None
            close = in_model_order(value.quant.dequantize(got), value.model_perm)
            assert np.sqrt(((close - real) ** 2).mean()) < 16 * value.quant.scale


def test_all_refusals_are_in_one_error() -> None:
    """Weights that cancel give an output that is far smaller than each product."""
    graph = parse_graph(
        """graph 'tiny.onnx' {
          input %x:f32[1,2]<1.0:0>
          %w:f32[1,2] = const(127000.0, -127000.0)
          %y:f32[1,1]<0.01:0> = dense(%x, %w) 'first'
          %z:f32[1,2]<0.01:0> = clip(%x) {clamp=Clamp(0.0)} 'fine'
          %u:f32[1,1]<0.0001:0> = dense(%z, %w) 'second'
          output %y
          output %u
        }""",
        op_records(),
    )
    with pytest.raises(UnsupportedError, match=r"^tiny\.onnx: ") as caught:
        lower_graph(graph)
    first, second = caught.value.reasons
    assert first.startswith("'first' (dense): requantization factor 100000 is 2^15 or more")
    assert second.startswith("'second' (dense): ")


def test_indices_stay_int32_when_they_are_reshaped() -> None:
    """ArgMax without keepdims: as int8, index 200 would come out as -56."""
    graph = parse_graph(
        """graph 'index' {
          input %x:f32[1,300]<1.0:0>
          %i:i32[1,1]<1.0:0> = arg_max(%x) {axis=1} 'best'
          %y:i32[1]<1.0:0> = reshape(%i) {shape=(1,)} 'flat'
          output %y
        }""",
        op_records(),
    )
    integer = lower_graph(graph)
    assert [v.dtype for v in integer.outputs] == ["int32"]
    x = np.zeros((1, 300), dtype=np.int8)
    x[0, 200] = 1
    assert run_integer(integer, [x])[0].tolist() == [200]


def test_an_input_that_leaves_again_keeps_its_scale() -> None:
    graph = parse_graph("graph 'g' {\n  input %x:f32[1,2]<0.5:1>\n  output %x\n}", op_records())
    integer = lower_graph(graph)
    assert integer.outputs == integer.inputs
    assert integer.outputs[0].quant == Quant(0.5, 1)


def test_a_table_has_256_entries_whatever_the_rank_of_its_constants() -> None:
    """Exporters write scalars as [1, 1, 1] as often as []."""
    graph = parse_graph(
        """graph 'table' {
          input %x:f32[1,1,4]
          %c:f32[1,1,1] = const(0.5)
          %a:f32[1,1,4] = unary(%x) {function='Abs'} 'abs'
          %y:f32[1,1,4] = add(%c, %a) {sign=-1} 'sub'
          output %y
        }""",
        op_records(),
    )
    (node,) = quantized(graph).nodes
    assert node.op.table.shape == (256,)  # type: ignore[attr-defined]


def test_a_relu_behind_a_largest_value_is_not_lost() -> None:
    """GlobalMaxPool then Relu: negative maxima must become zero."""
    graph = parse_graph(
        """graph 'pool' {
          input %x:f32[1,2,1,3]
          %m:f32[1,2,1,1] = reduce(%x) {function='max', axes=(2, 3)} 'max'
          %y:f32[1,2,1,1] = clip(%m) {clamp=Clamp(0.0)} 'relu'
          output %y
        }""",
        op_records(),
    )
    integer = quantized(graph)
    (y,) = run_integer(integer, [np.full(integer.inputs[0].shape, -128, dtype=np.int8)])
    assert integer.outputs[0].quant is not None
    assert integer.outputs[0].quant.dequantize(y).tolist() == [[[[0.0]], [[0.0]]]]


def test_a_first_state_beyond_one_does_not_widen_what_a_layer_gives() -> None:
    """|h| <= 1 once a step is done; calibration with states of any size must not cost it two bits."""
    layer = node("LSTM x,w,r,,,h,h -> ,y", hidden_size=5)
    proto = model([layer], {"x": (3, 1, 4), "h": (1, 1, 5)}, {"w": weights(1, 20, 4), "r": weights(1, 20, 5)})
    graph = import_model(file_of(proto))
    rng = np.random.default_rng(1)
    annotate(graph, observe(graph, [[rng.standard_normal(v.shape).astype(np.float32) * 4 for v in graph.inputs]]))
    (contract,) = (n.op for n in lower_graph(graph).nodes if isinstance(n.op, LstmS8))
    assert contract.y_mult / 2**32 >= 2**-15 / (2 / 255) * 0.999, "one step of y is at most 2/255"
