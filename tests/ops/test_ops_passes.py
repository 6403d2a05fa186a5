"""What the passes make of operator cases: which integer operations are left, and that no transpose is."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from onnx import helper

from edgewright.ops.layer_norm import LayerNorm
from edgewright.ops.pad import Pad
from tests.harness.op_cases import Draw, OpCase, lowered, nodes_case, op_cases, simplified

make = helper.make_node


@cache
def case(name: str) -> OpCase:
    return next(case for case in op_cases() if case.name == name)


@pytest.mark.parametrize(
    ("name", "operations"),
    [
        ("BatchNormalization: behind Conv and before Relu", ["conv_s8"]),
        ("BatchNormalization: alone, as a depthwise layer", ["depthwise_s8"]),
        ("Pad: before a convolution", ["conv_s8"]),
        ("Pad: before a 1-D convolution", ["reshape_s8", "conv_s8", "reshape_s8"]),
        ("Pad: minus infinity before MaxPool", ["max_pool_s8"]),
        ("Pad: zeros before AveragePool", ["avg_pool_s8"]),
        ("LayerNormalization: written out", ["layer_norm_s8"]),
        ("LayerNormalization: written out over channels", ["layer_norm_s8"]),
        ("HardSwish: written out", ["lut_s8"]),
        ("Gelu: written out", ["lut_s8"]),
        ("Add: before Relu", ["add_s8"]),
        ("Mul: by a gate per channel", ["reduce_sum_s8", "fc_s8", "lut_s8", "mul_s8", "conv_s8"]),
        ("PRelu: between convolutions", ["conv_s8", "prelu_s8", "conv_s8"]),
        ("MatMul: with a bias", ["fc_s8"]),
        ("Conv: kernel as large as the input", ["fc_s8", "reshape_s8"]),
        ("Resize: nearest, twice", ["copy_s8"]),
        ("Resize: nearest, every second", ["copy_s8"]),
        ("Resize: nearest, odd factors", ["gather_s8", "gather_s8"]),
        ("Gather: evenly spaced", ["copy_s8"]),
        ("ConvTranspose: depthwise", ["copy_s8", "depthwise_s8"]),
        ("LSTM: a sequence", ["lstm_s8"]),
    ],
)
def test_what_is_left(name: str, operations: list[str]) -> None:
    assert [node.op.mnemonic for node in lowered(case(name)).integer.nodes] == operations


def image_case(*nodes: object, constants: dict[str, np.ndarray] | None = None) -> OpCase:
    d = Draw()
    weights = {"w": d.weights(6, 3, 3, 3), "v": d.weights(4, 6, 1, 1), "one": np.array([1.0], np.float32)}
    return nodes_case("Conv", "in a net", list(nodes), [d.normal(2, 1, 3, 6, 8)], {**weights, **(constants or {})})  # type: ignore[arg-type]


NORMALISED = [make("Sub", ["x0", "one"], ["s"]), make("Mul", ["s", "half"], ["n"]), make("Conv", ["n", "w"], ["y"])]
TWO_BRANCHES = [
    make("Conv", ["x0", "w"], ["a"], pads=[1, 1, 1, 1]),
    make("Sigmoid", ["a"], ["b"]),
    make("Concat", ["a", "b"], ["c"], axis=1),
    make("MaxPool", ["c"], ["d"], kernel_shape=[2, 2], strides=[2, 2]),
    make("ReduceMean", ["d"], ["y"], axes=[2, 3], keepdims=0),
]
SHUFFLED = [
    make("Conv", ["x0", "w"], ["a"]),
    make("Slice", ["a", "from", "to", "channel"], ["b"]),
    make("Pad", ["b", "pads"], ["c"]),
    make("Softmax", ["c"], ["d"], axis=1),
    make("ArgMax", ["d"], ["e"], axis=1),
    make("Squeeze", ["e", "channel"], ["y"]),
]
SEGMENTS = {
    "from": np.array([1]),
    "to": np.array([4]),
    "channel": np.array([1]),
    "pads": np.array([0, 0, 1, 0, 0, 0, 0, 2]),
}
HEADS = [
    make("Conv", ["x0", "w"], ["a"]),
    make("Transpose", ["a"], ["b"], perm=[0, 2, 3, 1]),
    make("Reshape", ["b", "rows"], ["y"]),
]


@pytest.mark.parametrize(
    "net",
    [
        image_case(*NORMALISED, constants={"half": np.array(0.5, np.float32)}),
        image_case(*TWO_BRANCHES),
        image_case(*HEADS, constants={"rows": np.array([1, -1, 2])}),
    ],
    ids=["scaled input", "branches", "detector head"],
)
def test_images_are_never_transposed(net: OpCase) -> None:
    """What moves bytes is the concatenation only."""
    net.model.opset_import[0].version = 13
    operations = [node.op.mnemonic for node in lowered(net).integer.nodes]
    assert operations.count("copy_s8") == sum(node.op_type == "Concat" for node in net.model.graph.node)


def test_a_segmentation_map_needs_no_transpose_of_its_integers() -> None:
    net = image_case(*SHUFFLED, constants=SEGMENTS)
    net.model.graph.output[0].type.tensor_type.elem_type = 7
    operations = [node.op.mnemonic for node in lowered(net).integer.nodes]
    assert operations.count("copy_s8") <= 2, operations
    assert operations[-1] in ("arg_max_s8", "reshape_s8")


@pytest.mark.parametrize(
    ("nodes", "kept"),
    [
        ([make("Pad", ["x0", "pads", "", "axes"], ["p"]), make("Conv", ["p", "w"], ["y"])], 0),
        ([make("Pad", ["x0", "pads", "one", "axes"], ["p"]), make("Conv", ["p", "w"], ["y"])], 1),
        ([make("Pad", ["x0", "pads", "", "axes"], ["p"]), make("MaxPool", ["p"], ["y"], kernel_shape=[2, 2])], 1),
        ([make("Relu", ["x0"], ["r"]), make("Pad", ["r", "pads", "", "axes"], ["p"]),
          make("MaxPool", ["p"], ["y"], kernel_shape=[3, 3])], 0),
        ([make("Pad", ["x0", "pads", "", "axes"], ["p"]), make("Conv", ["p", "w"], ["a"]),
          make("Conv", ["p", "w"], ["b"]), make("Add", ["a", "b"], ["y"])], 1),
        ([make("Pad", ["x0", "pads", "", "channel"], ["p"]), make("Conv", ["p", "u"], ["y"])], 1),
    ],
    ids=["zeros", "ones", "zeros may win", "zeros never win", "two readers", "channels"],
)  # fmt: skip
def test_which_pads_fold(nodes: list[object], kept: int) -> None:
    constants = {
        "pads": np.array([1, 1]), "axes": np.array([2]), "channel": np.array([1]),
        "one": np.array(1, np.float32), "u": Draw().weights(2, 5, 1, 1),
    }  # fmt: skip
    graph = simplified(image_case(*nodes, constants=constants))
    assert sum(isinstance(node.op, Pad) for node in graph.nodes) == kept


@pytest.mark.parametrize(
    ("changed", "found"),
    [({}, 1), ({"v": "x0"}, 0), ({"axes": [1]}, 1), ({"axes": [0]}, 0)],
    ids=["a layer norm", "another deviation", "over channels", "over the batch"],
)
def test_which_normalisations_are_recognised(changed: dict[str, object], found: int) -> None:
    axes = changed.get("axes", [-1])
    nodes = [
        make("ReduceMean", ["x0"], ["m"], axes=axes), make("Sub", ["x0", "m"], ["d"]),
        make("Mul", [str(changed.get("v", "d"))] * 2, ["q"]), make("ReduceMean", ["q"], ["v"], axes=axes),
        make("Add", ["v", "e"], ["w"]), make("Sqrt", ["w"], ["s"]), make("Div", ["d", "s"], ["y"]),
    ]  # fmt: skip
    d = Draw()
    net = nodes_case(
        "LayerNormalization", "", nodes, [d.normal(2, 2, 6, 5, 4)], {"e": np.array(1e-5, np.float32)}, opset=13
    )
    assert sum(isinstance(node.op, LayerNorm) for node in simplified(net).nodes) == found
