"""Models with one defect each, made from a good small one: what a gate must refuse, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from tests.harness.small_models import model, node, weights

#: Changes a good model into a bad one, in place.
Defect: TypeAlias = Callable[[ModelProto], None]

IMAGE = (1, 2, 6, 6)
WORD = numpy_helper.from_array(np.array([1], np.int64), "value")


def good_model() -> ModelProto:
    """Conv, Relu, GlobalAveragePool, Flatten, Gemm: x [1, 2, 6, 6] to y [1, 3]."""
    nodes = [
        node("Conv x,w,b -> conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("Relu conv -> relu"),
        node("GlobalAveragePool relu -> mean"),
        node("Flatten mean -> flat"),
        node("Gemm flat,v -> y", transB=1),
    ]
    return model(nodes, {"x": IMAGE}, {"w": weights(4, 2, 3, 3), "b": weights(4), "v": weights(3, 4)})


def in_front(proto: ModelProto, nodes: Sequence[NodeProto], out: str) -> None:
    """Let the Gemm add `out` behind `nodes`, which stand before everything else."""
    kept = list(proto.graph.node)
    del proto.graph.node[:]
    proto.graph.node.extend([*nodes, *kept])
    proto.graph.node[-1].input.append(out)


def constant(proto: ModelProto, name: str, data: np.ndarray) -> None:
    proto.graph.initializer.append(numpy_helper.from_array(data, name))


def function(proto: ModelProto, name: str, body: Sequence[NodeProto]) -> None:
    """A function of the model, from a to b."""
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    proto.functions.append(helper.make_function("own", name, ["a"], ["b"], body, opsets))


def call(name: str, *count: str) -> NodeProto:
    return helper.make_node(name, [count[0]], [count[1]], domain="own")


def calling(proto: ModelProto, name: str) -> None:
    """Let the model call a function of its own where it had Relu."""
    proto.opset_import.append(helper.make_opsetid("own", 1))
    proto.graph.node[1].CopyFrom(call(name, "conv", "relu"))


def functions(depth: int, calls: int) -> Defect:
    """Functions `depth` deep, each of which calls the next `calls` times."""

    def change(proto: ModelProto) -> None:
        for level in range(depth):
            names = ["a", *(f"t{k}" for k in range(1, calls)), "b"]
            step = f"f{level + 1}" if level + 1 < depth else "leaf"
            function(proto, f"f{level}", [call(step, *pair) for pair in pairwise(names)])
        function(proto, "leaf", [node("Relu a -> b")])
        calling(proto, "f0")

    return change


def recursion(*names: str) -> Defect:
    """Functions that call each other in a ring."""

    def change(proto: ModelProto) -> None:
        for name, following in zip(names, (*names[1:], names[0]), strict=True):
            function(proto, name, [call(following, "a", "b")])
        calling(proto, names[0])

    return change


def nested(levels: int) -> Defect:
    """Branches in branches, `levels` deep."""

    def change(proto: ModelProto) -> None:
        graph = helper.make_graph([node("Identity v -> leaf")], "g", [], [GraphProto().output.add(name="leaf")])
        for level in range(levels):
            inner = helper.make_node("If", ["v"], [f"n{level}"], then_branch=graph)
            graph = helper.make_graph([inner], "g", [], [GraphProto().output.add(name=f"n{level}")])
        in_front(proto, graph.node, f"n{levels - 1}")

    return change


def chain(length: int, operator: str = "Relu") -> Defect:
    def change(proto: ModelProto) -> None:
        names = ["x", *(f"c{k}" for k in range(length))]
        links = [helper.make_node(operator, [a], [b]) for a, b in pairwise(names)]
        kept = list(proto.graph.node)
        kept[0].input[0] = names[-1]
        del proto.graph.node[:]
        proto.graph.node.extend([*links, *kept])

    return change


def doubling(levels: int) -> Defect:
    """A constant joined with itself again and again."""

    def change(proto: ModelProto) -> None:
        constant(proto, "d0", np.ones(64, np.float32))
        in_front(proto, [node(f"Concat d{k},d{k} -> d{k + 1}", axis=0) for k in range(levels)], f"d{levels}")

    return change


def many_fills(count: int, elements: int) -> Defect:
    """Constants of a given size, each of which costs a few bytes of file."""

    def change(proto: ModelProto) -> None:
        constant(proto, "size", np.array([elements], np.int64))
        fills = [node(f"ConstantOfShape size -> f{k}", value=WORD) for k in range(count)]
        in_front(proto, [*fills, node(f"Sum {','.join(f'f{k}' for k in range(count))} -> sum")], "sum")

    return change


def many_reductions(count: int) -> Defect:
    """Small results that take much work: sums of one large constant."""

    def change(proto: ModelProto) -> None:
        constant(proto, "size", np.array([2**24], np.int64))
        sums = [node(f"ReduceMax fill -> f{k}", keepdims=1) for k in range(count)]
        names = ",".join(f"f{k}" for k in range(count))
        in_front(proto, [node("ConstantOfShape size -> fill", value=WORD), *sums, node(f"Sum {names} -> sum")], "sum")

    return change


def folded(text: str, *operands: np.ndarray, **attributes: object) -> Defect:
    """A node of constants called k0, k1, ...; its result z is read."""

    def change(proto: ModelProto) -> None:
        for k, data in enumerate(operands):
            constant(proto, f"k{k}", data)
        in_front(proto, [node(text, **attributes)], "z")

    return change


def endless_expression(proto: ModelProto) -> None:
    """A regular expression that backtracks for longer than anyone waits."""
    proto.opset_import[0].version = 20
    constant(proto, "text", np.array(["a" * 60 + "!"], object))
    in_front(proto, [node("RegexFullMatch text -> z", pattern="(a|aa|a?)+$")], "z")


def long_recurrence(proto: ModelProto) -> None:
    """An LSTM of 65,535 steps."""
    del proto.graph.node[:]
    del proto.graph.input[0].type.tensor_type.shape.dim[:]
    for size in (65_535, 1, 4):
        proto.graph.input[0].type.tensor_type.shape.dim.add().dim_value = size
    constant(proto, "lw", weights(1, 20, 4))
    constant(proto, "lr", weights(1, 20, 5))
    proto.graph.node.append(node("LSTM x,lw,lr -> y", hidden_size=5))


def heavy_convolution(proto: ModelProto) -> None:
    """Few weights, many positions: 10^14 multiply-accumulates in a file of a few bytes."""
    for index, size in ((2, 4096), (3, 4096)):
        proto.graph.input[0].type.tensor_type.shape.dim[index].dim_value = size
    blown = [node("Concat " + ",".join(["x"] * 2) + " -> wide", axis=1)]
    constant(proto, "size", np.array([4, 4, 512, 512], np.int64))
    blown += [node("ConstantOfShape size -> kernel", value=numpy_helper.from_array(np.ones(1, np.float32), "value"))]
    blown += [node("Conv wide,kernel -> big", pads=[255] * 4), node("Conv big,kernel -> bigger", pads=[255] * 4)]
    del proto.graph.node[:]
    proto.graph.node.extend([*blown, node("GlobalAveragePool bigger -> y")])


def renamed(old: str, new: str) -> Defect:
    """One name for another, wherever it stands."""

    def change(proto: ModelProto) -> None:
        for part in proto.graph.node:
            part.input[:] = [new if name == old else name for name in part.input]
            part.output[:] = [new if name == old else name for name in part.output]
        for tensor in proto.graph.initializer:
            tensor.name = new if tensor.name == old else tensor.name

    return change


def attribute(index: int, name: str, value: object) -> Defect:
    """One more attribute for a node."""
    return lambda proto: proto.graph.node[index].attribute.append(helper.make_attribute(name, value))


def dims(index: int, *sizes: int) -> Defect:
    """Another shape for an initializer."""

    def change(proto: ModelProto) -> None:
        proto.graph.initializer[index].dims[:] = sizes

    return change


def input_sizes(*sizes: int) -> Defect:
    def change(proto: ModelProto) -> None:
        shape = proto.graph.input[0].type.tensor_type.shape
        del shape.dim[:]
        for size in sizes:
            shape.dim.add().dim_value = size

    return change


def opset(version: int) -> Defect:
    def change(proto: ModelProto) -> None:
        proto.opset_import[0].version = version

    return change


def again(part: str, index: int = 0) -> Defect:
    """An element of a repeated field of the graph, twice."""

    def change(proto: ModelProto) -> None:
        field = getattr(proto.graph, part)
        field.append(field[index])

    return change


def newer_operator(proto: ModelProto) -> None:
    proto.graph.node[1].op_type = "Gelu"


def second_opset(proto: ModelProto) -> None:
    proto.opset_import.append(helper.make_opsetid("ai.onnx", 11))


def one_output_twice(proto: ModelProto) -> None:
    proto.graph.node.insert(4, node("Neg mean -> flat"))


def output_over_input(proto: ModelProto) -> None:
    proto.graph.node.append(node("Neg flat -> x"))


def output_over_constant(proto: ModelProto) -> None:
    proto.graph.node.append(node("Neg flat -> v"))


def wrong_length(proto: ModelProto) -> None:
    proto.graph.initializer[0].raw_data = proto.graph.initializer[0].raw_data[:-4]


def many_operands(proto: ModelProto) -> None:
    proto.graph.node[3].input.extend(["mean"] * 2**18)


def ring(proto: ModelProto) -> None:
    proto.graph.node[1].input[0] = "mean"


def same_function_twice(proto: ModelProto) -> None:
    functions(1, 1)(proto)
    proto.functions.append(proto.functions[0])


def large_constants(proto: ModelProto) -> None:
    """Three constants of 2^26 elements that are not even there."""
    for k in range(3):
        proto.graph.initializer.add(name=f"l{k}", data_type=TensorProto.FLOAT, dims=[2**13, 2**13])


ONES = np.ones
COLUMN = np.ones((2**14, 1), np.float32)

#: What is wrong -> (how it comes about, what the one line says about it).
DEFECTS: dict[str, tuple[Defect, str]] = {
    "a function that calls itself": (recursion("f"), "a function calls itself: f > f"),
    "functions that call each other": (recursion("f", "g", "h"), "a function calls itself: "),
    "a ring of 40 functions": (recursion(*(f"f{k}" for k in range(40))), "supported: no recursion"),
    "functions 17 deep": (functions(17, 1), "more than 16 deep"),
    "functions 1,000 deep": (functions(1000, 1), "more than 16 deep"),
    "2^15 nodes by functions": (functions(15, 2), r"32,772 nodes with its functions inlined"),
    "60^15 nodes by functions": (functions(15, 60), r"more than 10\^12 nodes"),
    "a function twice": (same_function_twice, "function 'f0' is defined twice"),
    "subgraphs 33 deep": (nested(33), "nested too deeply"),
    "50,000 nodes": (chain(50_000), "more nodes or more operands"),
    "2^18 operands": (many_operands, "more nodes or more operands"),
    "a cycle": (ring, "reads 'mean', which stands in a cycle or behind one"),
    "rank 7": (input_sizes(1, 1, 1, 2, 6, 6, 1), "input 'x': rank 7; supported: at most 6"),
    "2^21 along an axis": (input_sizes(1, 2, 1, 2**21), "2,097,152 along an axis"),
    "2^62 along an axis": (input_sizes(1, 2, 1, 2**62), "along an axis; supported"),
    "an input of 2^27 elements": (input_sizes(1, 2, 2**13, 2**13), "134,217,728 elements"),
    "a constant of rank 7": (dims(0, 1, 1, 1, 4, 2, 3, 3), "constant 'w': rank 7"),
    "a constant of 2^40 elements": (dims(0, 2**20, 2**20), "constant 'w': 1,099,511,627,776 elements"),
    "a constant of size -4": (dims(0, -4, 2, 3, 3), "constant 'w': a size of -4"),
    "a constant that is longer than its data": (dims(0, 8, 2, 3, 3), "constant 'w'"),
    "a constant that is shorter than its shape": (wrong_length, "constant 'w'"),
    "constants of 768 MiB": (large_constants, "constants of more than 536,870,912 bytes together"),
    "a name of 4,097 characters": (renamed("conv", "n" * 4097), "has 4,097 characters"),
    "a constant's name of 10^6 characters": (renamed("w", "n" * 10**6), "has 1,000,000 characters"),
    "an initializer twice": (again("initializer"), "initializer 'w' is there twice"),
    "an input twice": (again("input"), "input 'x' is there twice"),
    "a node twice": (again("node", 1), "'relu' is defined twice"),
    "an output of two nodes": (one_output_twice, "'flat' is defined twice"),
    "an output that is the input": (output_over_input, "'x' is defined twice"),
    "an output that is a constant": (output_over_constant, "'v' is defined twice"),
    "an attribute twice": (attribute(0, "pads", [0, 0, 0, 0]), "'pads' is there twice"),
    "an attribute that Conv does not have": (attribute(0, "padding", 1), "attribute 'padding', which the operator"),
    "an attribute that Relu had in opset 1": (attribute(1, "consumed_inputs", [0]), "attribute 'consumed_inputs'"),
    "an attribute of the wrong type": (attribute(4, "alpha", 1), "attribute 'alpha' is INT instead of FLOAT"),
    "opset 9999": (opset(9999), "opset 9999 does not exist"),
    "opset -1": (opset(-1), "opset -1"),
    "opset 17 and 11": (second_opset, "is given twice"),
    "an operator newer than the opset": (newer_operator, "the operator came with opset 20"),
    "a constant doubled 40 times": (doubling(40), "more than 268,435,456 bytes of constants"),
    "24 constants of 2^26": (many_fills(24, 2**26), "more than 268,435,456 bytes of constants"),
    "a constant of 10^15": (many_fills(1, 10**15), "constant ConstantOfShape of 1000000000000000 elements"),
    "5,000 sums of a large constant": (many_reductions(5_000), "bytes read and written"),
    "an endless regular expression": (endless_expression, "operator is not supported"),
    "a broadcast to 2^28": (folded("Add k0,k1 -> z", COLUMN, COLUMN.T), "constant Add of 268435456 elements"),
    "a product of 2^28": (folded("MatMul k0,k1 -> z", COLUMN, COLUMN.T), "constant MatMul of 268435456 elements"),
    "a Gemm of 2^28": (folded("Gemm k0,k1 -> z", COLUMN, COLUMN, transB=1), "constant Gemm of 268435456 elements"),
    "a gather of 2^30": (
        folded("Gather k0,k1 -> z", ONES((1, 2**15), np.float32), ONES(2**15, np.int64) * 0),
        "constant Gather of 1073741824 elements",
    ),
    "a tile of 2^40": (folded("Tile k0,k1 -> z", ONES(2**10), np.array([2**30])), "constant Tile of"),
    "a range of 10^12": (
        folded("Range k0,k1,k2 -> z", np.array(0), np.array(10**12), np.array(1)),
        "constant Range of",
    ),
    "a sort of a million": (
        folded("TopK k0,k1 -> z,i", ONES(2**20, np.float32), np.array([5])),
        "constant TopK of 1,048,577 elements",
    ),
    "an LSTM of 65,535 steps": (long_recurrence, "65535 steps"),
    "10^14 multiply-accumulates": (heavy_convolution, "multiply-accumulates"),
}
