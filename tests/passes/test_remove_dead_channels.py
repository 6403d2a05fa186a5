"""Dead channels go exactly, and only those: outputs before and after are compared in every case."""

import numpy as np
import pytest

from edgewright.ir import Graph, Quant
from edgewright.ir.text import parse_graph, print_graph
from edgewright.ops import Op
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.add import Add
from edgewright.ops.arg_max import ArgMax
from edgewright.ops.concat import Concat
from edgewright.ops.conv_transpose import ConvTranspose
from edgewright.ops.depth_space import DepthToSpace, SpaceToDepth
from edgewright.ops.gather import Gather
from edgewright.ops.layer_norm import LayerNorm
from edgewright.ops.min_max import MinMax
from edgewright.ops.mul import Mul
from edgewright.ops.pad import Pad
from edgewright.ops.pool import AveragePool, MaxPool
from edgewright.ops.prelu import PRelu
from edgewright.ops.reduce import Reduce
from edgewright.ops.reshape import Reshape
from edgewright.ops.resize import Resize
from edgewright.ops.resize_axis import ResizedAxis
from edgewright.ops.slice import Slice
from edgewright.ops.softmax import Softmax
from edgewright.ops.tile import Tile
from edgewright.ops.transpose import Transpose
from edgewright.ops.unary import Unary
from edgewright.ops.window import Window
from edgewright.passes import run_passes
from edgewright.passes.fuse_unary import fuse_unary
from edgewright.passes.remove_dead_channels import ACTIVATION_LIMIT, clear_negligible_weights, remove_dead_channels
from edgewright.quantize import run_float
from tests.harness.float_graphs import RELU, Net, random_blocks, widths
from tests.harness.graph_strategies import op_records
from tests.harness.shared_models import float_graph, random_inputs, samples, shared_file


def removed(graph: Graph[Op]) -> list[int]:
    """The widths of the linear layers after the pass, which must not change the outputs."""
    inputs = random_inputs(graph)
    before = run_float(graph, inputs)
    run_passes(graph, [remove_dead_channels])
    for old, new in zip(before, run_float(graph, inputs), strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-4, atol=1e-4)
    return widths(graph)


def test_nothing_dies_in_a_live_graph() -> None:
    net = Net(1, 3, 6, 6)
    y = net.dense(net.flatten(net.conv(net.depthwise(net.conv(net.x, 4)), 5)), 3)
    assert removed(net.done(y)) == [4, 4, 5, 3]


def test_constant_goes_into_the_bias() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1, bias=2.5)
    assert removed(net.done(net.conv(a, 5))) == [3, 5]


def test_constant_goes_into_a_bias_that_was_absent() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1, bias=2.5)
    b = net.conv(a, 5)
    graph = net.done(b)
    graph.nodes[-1].inputs[2] = None
    assert removed(graph) == [3, 5]


@pytest.mark.parametrize(("bias", "kept"), [(-1.0, 3), (1.0, 4)])
def test_padding_stands_beside_zero_only(bias: float, kept: int) -> None:
    """Behind the border a channel that is 1 everywhere is 0."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1, bias=bias)
    assert removed(net.done(net.conv(a, 5, 3, pad=1))) == [kept, 5]


def test_clamp_pins_a_channel_behind_a_padded_layer() -> None:
    """Its input is not constant at the border, but never enough to leave the clamp."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4, clamp=Clamp(0.0, 1.0))
    b = net.depthwise(a)
    weights, bias = net.parameters(b)
    weights[2] = -1.0
    bias[2] = -0.25
    assert removed(net.done(net.conv(b, 5))) == [3, 3, 5]


def test_channel_that_nobody_reads() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    b = net.depthwise(a, multiplier=2)
    c = net.conv(b, 5)
    net.parameters(c)[0][:, 4:6] = 0.0
    assert removed(net.done(c)) == [3, 6, 5]


def test_one_removal_leads_to_the_next() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    b = net.conv(a, 4)
    net.kill(a, 0, bias=1.0)
    weights, bias = net.parameters(b)
    weights[3] = 0.0
    weights[3, 0] = 1.0
    bias[3] = -2.0
    assert removed(net.done(net.conv(b, 5, 3, pad=1))) == [3, 3, 5]


@pytest.mark.parametrize(("dead", "kept"), [((0, 1), 3), ((0,), 4), ((1,), 4)])
def test_residual_addition(dead: tuple[int, ...], kept: int) -> None:
    net = Net(1, 3, 6, 6)
    sides = [net.conv(net.x, 4), net.conv(net.x, 4)]
    for side in dead:
        net.kill(sides[side], 2, bias=1.0)
    y = net.conv(net.op(Add(RELU), *sides), 5)
    assert removed(net.done(y)) == [kept, kept, 5]


def test_concatenated_and_sliced() -> None:
    net = Net(1, 3, 6, 6)
    a, b = net.conv(net.x, 4), net.conv(net.x, 6)
    net.kill(a, 0)
    net.kill(b, 1, 5)
    both = net.op(Concat(1), a, b)
    part = net.op(Slice((0, 3, 0, 0), (1, 1, 1, 1), (1, 5, 6, 6)), both)
    backwards = net.op(Slice((0, 9, 0, 0), (1, -1, 1, 1), (1, 4, 6, 6)), both)
    picked = net.op(Gather(1, (9, 2, 2, 0)), both)
    y = [net.conv(v, 3) for v in (part, backwards, picked)]
    # Of a, channel 0 is dead and channel 1 is picked by nobody.
    assert removed(net.done(*y)) == [2, 4, 3, 3, 3]


def test_every_second_channel_blocks() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 0)
    y = net.conv(net.op(Slice((0, 0, 0, 0), (1, 2, 1, 1), (1, 2, 6, 6)), a), 3)
    assert removed(net.done(y)) == [4, 3]


def test_flattened_into_a_dense_layer() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 3, bias=0.5)
    pooled = net.op(AveragePool(Window((2, 2), (2, 2))), net.op(MaxPool(Window((2, 2))), a))
    y = net.dense(net.dense(net.flatten(pooled), 6, RELU), 2)
    assert removed(net.done(y)) == [3, 6, 2]


@pytest.mark.parametrize(("axis", "kept"), [(1, 4), (2, 3)])
def test_softmax_needs_all_it_sums_over(axis: int, kept: int) -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1)
    y = net.conv(net.op(Softmax(axis), a), 2)
    if axis == 2:
        net.parameters(y)[0][:, 1] = 0.0
    assert removed(net.done(y)) == [kept, 2]


@pytest.mark.parametrize(("channels", "kept"), [((1,), 8), ((1, 5), 6)])
def test_groups_stay_equal(channels: tuple[int, ...], kept: int) -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 8)
    net.kill(a, *channels, bias=1.0)
    y = net.conv(net.conv(a, 4, groups=2), 3)
    assert removed(net.done(y)) == [kept, 4, 3]


def test_channel_shuffle() -> None:
    """Reshape, transpose and reshape between two grouped convolutions, as in ShuffleNet."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.conv(net.x, 8), 8, groups=2)
    net.kill(a, 1, 5)
    turned = net.op(Transpose((0, 2, 1, 3, 4)), net.op(Reshape((1, 2, 4, 6, 6)), a))
    y = net.conv(net.op(Reshape((1, 8, 6, 6)), turned), 3)
    assert removed(net.done(y)) == [8, 6, 3]


def test_squeeze_and_excitation() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 6)
    net.kill(a, 2)
    squeezed = net.op(Reduce("mean", (2, 3)), a)
    gate = net.op(
        Unary("HardSigmoid", (("alpha", 0.2), ("beta", 0.5))), net.conv(net.conv(squeezed, 2), 6, clamp=NO_CLAMP)
    )
    y = net.conv(net.op(Mul(), a, gate), 3)
    assert removed(net.done(y)) == [5, 2, 5, 3]


def test_constants_per_channel_are_cut() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1, bias=1.0)
    scaled = net.op(Add(), net.op(Mul(), a, net.constant(4, 1, 1)), net.constant(1, 4, 1, 1))
    assert removed(net.done(net.conv(scaled, 2))) == [3, 2]


def test_constant_map_makes_a_channel_vary() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1, bias=1.0)
    y = net.conv(net.op(Mul(), a, net.constant(4, 6, 6)), 2)
    assert removed(net.done(y)) == [4, 2]


def test_one_channel_spread_over_several() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1)
    wide = net.op(Mul(), net.conv(a, 1), net.constant(4, 1, 1))
    assert removed(net.done(net.conv(wide, 2))) == [3, 1, 2]


def test_function_of_a_constant() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1)
    gate = net.op(Unary("Sigmoid"), a)
    graph = net.done(net.conv(net.op(Mul(), a, net.op(Mul(), gate, a)), 2))
    run_passes(graph, [fuse_unary])
    assert removed(graph) == [3, 2]


def test_transposed_convolution_takes_zeros() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 0)
    net.kill(a, 1, bias=1.0)
    window = Window((2, 2), (2, 2))
    b = net.op(ConvTranspose(window, clamp=RELU), a, net.constant(4, 5, 2, 2), net.constant(5))
    y = net.conv(b, 2)
    net.parameters(y)[0][:, 3] = 0.0
    graph = net.done(y)
    assert removed(graph) == [3, 2]
    assert b.shape == (1, 4, 12, 12)


def test_explicit_padding_makes_a_constant_vary() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 0)
    net.kill(a, 1, bias=1.0)
    padded = net.op(Pad((0, 0, 1, 1), (0, 0, 1, 1)), a)
    assert removed(net.done(net.conv(padded, 2, 3))) == [3, 2]


def test_rows_of_a_sequence() -> None:
    """Dense layers on [1, time, features]."""
    net = Net(1, 5, 3)
    a = net.dense(net.x, 4, RELU)
    net.kill(a, 1, bias=1.0)
    assert removed(net.done(net.dense(net.op(Add(), a, a), 2))) == [3, 2]


@pytest.mark.parametrize(
    "op",
    [
        Resize(ResizedAxis(6, 12, 2.0), ResizedAxis(6, 12, 2.0), True, "half_pixel", "floor"),
        Tile((1, 1, 2, 1)),
        LayerNorm(2),
        Reduce("max", (2,)),
    ],
    ids=lambda op: op.mnemonic,
)
def test_operation_of_each_channel(op: Op) -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1, bias=1.0)
    inputs = [a, net.constant(6, 6)] if isinstance(op, LayerNorm) else [a]
    y = net.conv(net.op(op, *inputs), 2)
    if isinstance(op, LayerNorm):
        net.parameters(y)[0][:, 1] = 0.0
    assert removed(net.done(y)) == [3, 2]


@pytest.mark.parametrize(
    "op", [LayerNorm(3), ArgMax(1), Reduce("sum", (1,)), Tile((1, 2, 1, 1))], ids=lambda op: op.mnemonic
)
def test_operation_over_channels(op: Op) -> None:
    """All of these but Tile need every channel."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1, bias=1.0)
    inputs = [a, net.constant(4, 6, 6)] if isinstance(op, LayerNorm) else [a]
    assert removed(net.done(net.conv(net.op(op, *inputs), 2))) == [3 if isinstance(op, Tile) else 4, 2]


@pytest.mark.parametrize("column_row", [False, True])
def test_blocks_of_channels(column_row: bool) -> None:
    """A channel of the output of DepthToSpace comes from four of the input."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 8)
    block = [0, 1, 2, 3] if column_row else [0, 2, 4, 6]
    net.kill(a, *block, bias=0.5)
    wide = net.op(DepthToSpace(2, column_row), a)
    b = net.conv(wide, 4)
    net.kill(b, 3)
    y = net.conv(net.op(SpaceToDepth(2), b), 3)
    assert removed(net.done(y)) == [4, 3, 3]


def test_one_of_a_block_stays() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 8)
    net.kill(a, 0, 1, 2)
    assert removed(net.done(net.conv(net.op(DepthToSpace(2), a), 3))) == [8, 3]


def test_slopes_and_largest_values() -> None:
    net = Net(1, 3, 6, 6)
    a, b = net.conv(net.x, 4, clamp=NO_CLAMP), net.conv(net.x, 4)
    net.kill(a, 1, 2)
    net.kill(b, 1, bias=0.5)
    y = net.op(MinMax(True), net.op(PRelu(), a, net.constant(4, 1, 1)), b)
    net.parameters(net.conv(y, 2))[0][:, 2] = 0.0
    assert removed(net.done(net.graph.nodes[-1].output)) == [3, 3, 2]


def test_one_channel_stays() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 0, 1, 2, 3, bias=1.0)
    assert removed(net.done(net.conv(a, 2))) == [1, 2]


def test_inputs_and_outputs_stay() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1)
    b = net.conv(a, 2)
    net.parameters(a)[0][:, 0] = 0.0
    assert removed(net.done(a, b)) == [4, 2]


def test_operation_without_a_rule_blocks() -> None:
    class Unknown(Op):
        def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
            assert inputs[0] is not None
            return [inputs[0][:, ::-1]]

        def lower(self, low: object) -> None: ...

    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1)
    assert removed(net.done(net.conv(net.op(Unknown(), a), 2))) == [4, 2]


@pytest.mark.parametrize(("bias", "kept"), [(0.0, 3), (1.0, 4)])
def test_quantized_constant_stays(bias: float, kept: int) -> None:
    """Its int8 stands for another number than the one that would go into the bias; zero is exact."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1, bias=bias)
    a.quant = Quant(0.3, -128)
    assert removed(net.done(net.conv(a, 2))) == [kept, 2]


def test_weight_scales_are_cut_with_the_weights() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 1)
    graph = net.done(net.conv(a, 2))
    graph.nodes[0].operand(1).weight_scales = np.array([1.0, 2.0, 3.0, 4.0])
    assert removed(graph) == [3, 2]
    assert graph.nodes[0].operand(1).weight_scales == pytest.approx([1.0, 3.0, 4.0])


def test_shared_weights_are_cut_apart() -> None:
    """Two layers with one weight constant of which only one loses channels."""
    net = Net(1, 4, 6, 6)
    a = net.conv(net.x, 4)
    b = net.conv(net.x, 4)
    weights = net.graph.nodes[0].operand(1)
    net.graph.nodes[1].inputs[1] = weights
    c, d = net.conv(a, 2), net.conv(b, 2)
    net.parameters(c)[0][:, 1] = 0.0
    assert removed(net.done(c, d)) == [3, 4, 2, 2]


@pytest.mark.parametrize(("size", "cleared"), [(0.9, True), (1.1, False)])
def test_negligible_weights(size: float, cleared: bool) -> None:
    net = Net(1, 8, 6, 6)
    a = net.conv(net.x, 4)
    net.kill(a, 2, bias=-1.0)
    net.parameters(a)[0][2] = size * 2.0**-25 / (8 * ACTIVATION_LIMIT)
    graph = net.done(net.conv(a, 2))
    assert clear_negligible_weights(graph) == cleared
    assert removed(graph) == [3 if cleared else 4, 2]


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs(seed: int) -> None:
    """Any chain of blocks with any channels dead keeps its outputs."""
    rng = np.random.default_rng(seed)
    net = Net(1, 3, 6, 6, seed=seed)
    graph = net.done(net.dense(net.flatten(random_blocks(net, 5, rng)), 4))
    for node in graph.nodes:
        if len(node.inputs) == 3 and node.output is not graph.outputs[0]:
            width = node.operand(1).shape[0]
            net.kill(
                node.output, *rng.choice(width, width // 2, replace=False), bias=float(rng.choice([0.0, -1.0, 0.7]))
            )
    removed(graph)


TEXTS = [
    # A constant behind a clamp goes into the bias of a layer without padding.
    """
graph 'bias' {
  input %x:f32[1,1,2,2]
  %w:f32[2,1,1,1] = const(0.0, 1.0)
  %b:f32[2] = const(3.0, 0.0)
  %y:f32[1,2,2,2] = conv(%x, %w, %b) {window=Window(kernel=(1, 1)), clamp=Clamp(low=0.0)} 'y'
  %v:f32[1,2,1,1] = const(2.0, 5.0)
  %a:f32[1] = const(1.0)
  %z:f32[1,1,2,2] = conv(%y, %v, %a) {window=Window(kernel=(1, 1))} 'z'
  output %z
}""",
    """
graph 'bias' {
  input %x:f32[1,1,2,2]
  %w:f32[1,1,1,1] = const(1.0)
  %b:f32[1] = const(0.0)
  %y:f32[1,1,2,2] = conv(%x, %w, %b) {window=Window(kernel=(1, 1)), clamp=Clamp(low=0.0)} 'y'
  %v:f32[1,1,1,1] = const(5.0)
  %a:f32[1] = const(7.0)
  %z:f32[1,1,2,2] = conv(%y, %v, %a) {window=Window(kernel=(1, 1))} 'z'
  output %z
}""",
    # Nobody reads the second channel of either side of the sum: both go, and the reshape says fewer features.
    """
graph 'unread' {
  input %x:f32[1,2]
  %p:f32[3,2] = const(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
  %a:f32[1,3] = dense(%x, %p) 'a'
  %q:f32[3,2] = const(6.0, 5.0, 4.0, 3.0, 2.0, 1.0)
  %b:f32[1,3] = dense(%x, %q) 'b'
  %c:f32[1,3] = add(%a, %b) 'c'
  %d:f32[3] = reshape(%c) {shape=(3,)} 'd'
  %v:f32[1,3] = const(1.0, 0.0, 1.0)
  %z:f32[1] = dense(%d, %v) 'z'
  output %z
}""",
    """
graph 'unread' {
  input %x:f32[1,2]
  %p:f32[2,2] = const(1.0, 2.0, 5.0, 6.0)
  %a:f32[1,2] = dense(%x, %p) 'a'
  %q:f32[2,2] = const(6.0, 5.0, 2.0, 1.0)
  %b:f32[1,2] = dense(%x, %q) 'b'
  %c:f32[1,2] = add(%a, %b) 'c'
  %d:f32[2] = reshape(%c) {shape=(2,)} 'd'
  %v:f32[1,2] = const(1.0, 1.0)
  %z:f32[1] = dense(%d, %v) 'z'
  output %z
}""",
]


@pytest.mark.parametrize(("before", "after"), list(zip(TEXTS[::2], TEXTS[1::2], strict=True)))
def test_text(before: str, after: str) -> None:
    graph = parse_graph(before.strip(), op_records())
    run_passes(graph, [remove_dead_channels])
    assert print_graph(graph) == after.strip()


def test_visual_wake_words_halves() -> None:
    data = samples("mlperf_vww_mbv1", "data.npz", 4)
    graph = float_graph(shared_file("mlperf_vww_mbv1", "model.onnx"))
    before = [run_float(graph, sample)[0] for sample in data]
    assert macs(graph) == 7_489_664
    run_passes(graph, [remove_dead_channels])
    assert macs(graph) == pytest.approx(3.73e6, rel=0.005)
    np.testing.assert_allclose([run_float(graph, sample)[0] for sample in data], before, rtol=1e-5, atol=1e-6)


def macs(graph: Graph[Op]) -> int:
    return sum(
        node.op.macs([None if v is None else v.shape for v in node.inputs], node.output.shape)
        for node in graph.nodes
        if isinstance(node.op, Op)
    )
