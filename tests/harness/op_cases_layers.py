"""Cases of layers with weights, pools, reductions and normalisations."""

import numpy as np
from onnx import helper

from tests.harness.op_cases import SAMPLES, Draw, OpCase, nodes_case, one_node

N = SAMPLES


def table() -> list[OpCase]:
    return [
        *conv_cases(Draw()),
        *conv_transpose_cases(Draw()),
        *dense_cases(Draw()),
        *pool_cases(Draw()),
        *reduce_cases(Draw()),
        *softmax_cases(Draw()),
        *norm_cases(Draw()),
    ]


def conv_cases(d: Draw) -> list[OpCase]:
    def conv(why: str, x: tuple[int, ...], w: tuple[int, ...], bias: bool = True, **attributes: object) -> OpCase:
        constants = {1: d.weights(*w)}
        if bias:
            constants[2] = d.normal(w[0])
        return one_node("Conv", why, [d.normal(N, 1, *x)], constants, **attributes)  # type: ignore[arg-type]

    relu = [
        helper.make_node("Conv", ["x0", "w", "b"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["c", "s", "o", "m", "v"], ["n"], epsilon=1e-3),
        helper.make_node("Relu", ["n"], ["y"]),
    ]
    norm = {"s": d.positive(5), "o": d.normal(5), "m": d.normal(5), "v": d.positive(5)}
    return [
        conv("3x3, bias", (3, 8, 9), (5, 3, 3, 3), pads=[1, 1, 1, 1]),
        conv("1x1 without bias", (7, 5, 6), (4, 7, 1, 1), bias=False),
        conv("stride 2 with SAME_UPPER on an even size", (3, 8, 10), (4, 3, 3, 3), strides=[2, 2],
             auto_pad="SAME_UPPER"),
        conv("stride 2 with SAME_LOWER", (3, 8, 10), (4, 3, 3, 3), strides=[2, 2], auto_pad="SAME_LOWER"),
        conv("VALID, oblong kernel", (2, 9, 7), (3, 2, 5, 2), auto_pad="VALID"),
        conv("every pad different", (3, 6, 7), (4, 3, 3, 4), pads=[0, 1, 2, 3]),
        conv("dilation and stride", (3, 11, 12), (4, 3, 3, 3), dilations=[2, 3], strides=[2, 1], pads=[2, 3, 2, 3]),
        conv("two groups", (6, 7, 7), (4, 3, 3, 3), group=2, pads=[1, 1, 1, 1]),
        conv("depthwise", (6, 7, 8), (6, 1, 3, 3), group=6, pads=[1, 1, 1, 1]),
        conv("depthwise with multiplier 2, stride 2", (5, 8, 8), (10, 1, 3, 3), group=5, strides=[2, 2],
             pads=[1, 1, 1, 1]),
        conv("kernel as large as the input", (4, 5, 6), (3, 4, 5, 6)),
        conv("1-D", (4, 15), (6, 4, 3), pads=[1, 1]),
        conv("1-D depthwise, dilated, causal", (4, 15), (4, 1, 3), group=4, dilations=[2], pads=[4, 0]),
        conv("1-D SAME_UPPER with stride", (4, 15), (6, 4, 4), strides=[3], auto_pad="SAME_UPPER"),
        nodes_case("BatchNormalization", "behind Conv and before Relu", relu, [d.normal(N, 1, 3, 6, 7)],
                   {"w": d.weights(5, 3, 3, 3), "b": d.normal(5), **norm}),
        one_node("BatchNormalization", "alone, as a depthwise layer", [d.normal(N, 1, 5, 6, 7)],
                 dict(enumerate(norm.values(), 1)), opset=15),
        one_node("BatchNormalization", "of features", [d.normal(N, 1, 5)], dict(enumerate(norm.values(), 1)),),
        nodes_case("Pad", "before a convolution", [
            helper.make_node("Pad", ["x0", "pads"], ["p"]),
            helper.make_node("Conv", ["p", "w"], ["y"], pads=[0, 0, 1, 1]),
        ], [d.normal(N, 1, 3, 5, 6)], {"pads": np.array([0, 0, 1, 1, 0, 0, 0, 2]), "w": d.weights(4, 3, 3, 3)}),
        nodes_case("Pad", "before a 1-D convolution", [
            helper.make_node("Pad", ["x0", "pads"], ["p"]), helper.make_node("Conv", ["p", "w"], ["y"]),
        ], [d.normal(N, 1, 3, 9)], {"pads": np.array([0, 0, 2, 0, 0, 0]), "w": d.weights(4, 3, 3)}),
    ]  # fmt: skip


def conv_transpose_cases(d: Draw) -> list[OpCase]:
    def transposed(why: str, x: tuple[int, ...], w: tuple[int, ...], **attributes: object) -> OpCase:
        groups = attributes.get("group", 1)
        assert isinstance(groups, int)
        constants = {1: d.weights(*w, axis=0 if groups > 1 else 1), 2: d.normal(w[1] * groups)}
        return one_node("ConvTranspose", why, [d.normal(N, 1, *x)], constants, **attributes)  # type: ignore[arg-type]

    return [
        transposed("stride 2", (4, 5, 6), (4, 3, 3, 3), strides=[2, 2]),
        transposed(
            "pads and output_padding", (4, 5, 6), (4, 3, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 0]
        ),
        transposed("output_shape", (3, 4, 5), (3, 2, 3, 3), strides=[3, 2], output_shape=[10, 8]),
        transposed("output_shape beyond the windows", (3, 3, 3), (3, 2, 3, 3), strides=[3, 2], output_shape=[10, 8]),
        transposed("SAME_UPPER", (3, 4, 5), (3, 2, 3, 3), strides=[2, 2], auto_pad="SAME_UPPER"),
        transposed("SAME_LOWER", (3, 4, 5), (3, 2, 3, 3), strides=[2, 2], auto_pad="SAME_LOWER"),
        transposed("dilated, stride 1", (3, 4, 5), (3, 2, 3, 3), dilations=[2, 2]),
        transposed("depthwise", (4, 5, 5), (4, 1, 4, 4), group=4, strides=[2, 2], pads=[1, 1, 1, 1]),
        transposed(
            "two groups, output_padding", (4, 5, 5), (4, 3, 3, 3), group=2, strides=[3, 2], output_padding=[2, 1]
        ),
        transposed("1-D", (3, 7), (3, 4, 4), strides=[2], pads=[1, 1]),
    ]


def dense_cases(d: Draw) -> list[OpCase]:
    sum_of_both = [helper.make_node("MatMul", ["x0", "w"], ["p"]), helper.make_node("Add", ["p", "b"], ["y"])]
    three = [d.normal(N, 3, 6), d.normal(N, 5, 6), d.normal(N, 3, 5)]
    biased = {"w": d.weights(12, 5, axis=1), "b": d.normal(5)}
    return [
        one_node("Gemm", "weights transposed, bias", [d.normal(N, 1, 17)], {1: d.weights(9, 17), 2: d.normal(9)},
                 transB=1),
        one_node("Gemm", "weights as they are, several rows", [d.normal(N, 3, 17)], {1: d.weights(17, 9, axis=1)}),
        one_node("Gemm", "alpha and beta", [d.normal(N, 1, 8)], {1: d.weights(8, 5, axis=1), 2: d.normal(1, 5)},
                 alpha=0.5, beta=-2.0),
        one_node("Gemm", "bias that is one number", [d.normal(N, 1, 8)], {1: d.weights(8, 5, axis=1), 2: d.normal(1)}),
        one_node("Gemm", "bias per row", [d.normal(N, 4, 8)], {1: d.weights(8, 5, axis=1), 2: d.normal(4, 1)}, steps=2,
                 because="the bias is an addition of its own"),
        one_node("Gemm", "input transposed", [d.normal(N, 6, 4)], {1: d.weights(6, 5, axis=1)}, transA=1),
        one_node("Gemm", "two activations and a sum", three, transB=1,
                 alpha=0.25, steps=3, because="product, factor and sum are rounded one after the other"),
        one_node("MatMul", "constant weights", [d.normal(N, 1, 12)], {1: d.weights(12, 5, axis=1)}),
        one_node("MatMul", "constant weights, three axes", [d.normal(N, 1, 4, 12)], {1: d.weights(12, 5, axis=1)}),
        one_node("MatMul", "constant vector", [d.normal(N, 3, 12)], {1: d.weights(1, 12)[0]}),
        one_node("MatMul", "constant first", [d.normal(N, 6, 5)], {0: d.weights(3, 6)}),
        one_node("MatMul", "two activations", [d.normal(N, 2, 3, 7), d.normal(N, 2, 7, 4)]),
        one_node("MatMul", "one matrix for all", [d.normal(N, 3, 4, 5), d.normal(N, 5, 6)]),
        nodes_case("MatMul", "with a bias", sum_of_both, [d.normal(N, 1, 12)], biased),
    ]  # fmt: skip


def pool_cases(d: Draw) -> list[OpCase]:
    def pool(operator: str, why: str, *x: int, **attributes: object) -> OpCase:
        return one_node(operator, why, [d.normal(N, 1, *x)], **attributes)  # type: ignore[arg-type]

    cases = []
    for op in ("MaxPool", "AveragePool"):
        cases += [
            pool(op, "2x2", 3, 8, 6, kernel_shape=[2, 2], strides=[2, 2]),
            pool(op, "stride 1 with pads", 3, 5, 6, kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
            pool(op, "ceil_mode with a part window", 3, 7, 8, kernel_shape=[3, 3], strides=[2, 3], ceil_mode=1),
            pool(op, "ceil_mode whose last window would begin in the padding", 2, 5, 5, kernel_shape=[2, 2],
                 strides=[3, 3], pads=[0, 0, 1, 1], ceil_mode=1),
            pool(op, "ceil_mode with pads on a small input", 2, 2, 2, kernel_shape=[3, 3], strides=[3, 3],
                 pads=[1, 1, 1, 1], ceil_mode=1),
            pool(op, "SAME_UPPER", 3, 7, 8, kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_UPPER"),
            pool(op, "SAME_LOWER", 3, 7, 8, kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_LOWER"),
            pool(op, "dilated", 2, 9, 9, kernel_shape=[3, 3], dilations=[2, 3]),
            pool(op, "1-D", 4, 11, kernel_shape=[3], strides=[2]),
        ]  # fmt: skip
    below = [helper.make_node("Pad", ["x0", "pads", "low"], ["p"]),
             helper.make_node("MaxPool", ["p"], ["y"], kernel_shape=[3, 3], strides=[2, 2])]  # fmt: skip
    zeros = [helper.make_node("Pad", ["x0", "pads"], ["p"]),
             helper.make_node("AveragePool", ["p"], ["y"], kernel_shape=[3, 3], strides=[2, 2])]  # fmt: skip
    pads = {"pads": np.array([0, 0, 1, 1, 0, 0, 1, 1])}
    return [
        *cases,
        pool("AveragePool", "count_include_pad", 3, 6, 7, kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1),
        pool("AveragePool", "count_include_pad and ceil_mode", 3, 6, 6, kernel_shape=[3, 3], strides=[2, 2],
             pads=[1, 1, 1, 1], count_include_pad=1, ceil_mode=1),
        pool("GlobalAveragePool", "2-D", 5, 4, 7),
        pool("GlobalAveragePool", "1-D", 5, 9),
        pool("GlobalMaxPool", "2-D", 5, 4, 7),
        nodes_case("Pad", "minus infinity before MaxPool", below, [d.normal(N, 1, 3, 6, 7)],
                   {**pads, "low": np.array(-np.inf, dtype=np.float32)}),
        nodes_case("Pad", "zeros before AveragePool", zeros, [d.normal(N, 1, 3, 6, 7)], pads),
    ]  # fmt: skip


def reduce_cases(d: Draw) -> list[OpCase]:
    x = d.normal(N, 1, 4, 5, 6)
    axes = {1: np.array([2, 3])}
    two = "a function and a sum are rounded one after the other"
    return [
        one_node("ReduceMean", "spatial axes", [x], axes),
        one_node("ReduceMean", "dropped axes", [x], axes, keepdims=0),
        one_node("ReduceMean", "channels", [x], {1: np.array([1])}),
        one_node("ReduceMean", "axes apart", [x], {1: np.array([1, 3])}),
        one_node("ReduceMean", "axes as attribute, negative", [x], axes=[-1], opset=13),
        one_node("ReduceMean", "everything", [x]),
        one_node("ReduceSum", "last axis", [x], {1: np.array([-1])}, keepdims=0),
        one_node("ReduceMax", "spatial axes", [x], axes),
        one_node("ReduceMax", "axes apart", [x], {1: np.array([0, 1, 3])}, keepdims=0),
        one_node("ReduceMin", "channels", [x], {1: np.array([1])}),
        one_node("ReduceL1", "spatial axes", [x], axes),
        one_node("ReduceL2", "spatial axes", [x], axes, steps=2, because=two),
        one_node("ReduceSumSquare", "channels", [x], {1: np.array([1])}, steps=2, because=two),
        one_node("ReduceLogSum", "of positive values", [d.positive(N, 1, 4, 5, 6)], axes),
        one_node("ArgMax", "last axis", [x], axis=-1, keepdims=0),
        one_node("ArgMax", "channels", [x], axis=1),
        one_node("ArgMin", "first of equal ones", [np.rint(x)], axis=2),
        one_node("ArgMax", "last of equal ones", [np.rint(x)], axis=2, select_last_index=1, keepdims=0),
    ]


def softmax_cases(d: Draw) -> list[OpCase]:
    x = d.normal(N, 2, 3, 8, scale=2.0)
    return [
        one_node("Softmax", "last axis", [x]),
        one_node("Softmax", "another axis", [x], axis=1),
        one_node("Softmax", "flattened, before opset 13", [x], axis=1, opset=11),
        one_node("Softmax", "wide range", [d.normal(N, 1, 20, scale=20.0)]),
        one_node("LogSoftmax", "last axis", [x]),
        one_node("LogSoftmax", "another axis", [x], axis=0),
        one_node("LogSoftmax", "flattened, before opset 13", [x], axis=1, opset=9),
    ]


def norm_cases(d: Draw) -> list[OpCase]:
    x = d.normal(N, 1, 5, 16, scale=3.0, offset=1.0)
    image = d.normal(N, 1, 6, 5, 4, scale=2.0)
    gamma, beta = d.positive(16), d.normal(16)
    make = helper.make_node
    written_out = [
        make("ReduceMean", ["x0"], ["m"], axes=[-1]),
        make("Sub", ["x0", "m"], ["d"]),
        make("Pow", ["d", "two"], ["q"]),
        make("ReduceMean", ["q"], ["v"], axes=[-1]),
        make("Add", ["v", "e"], ["w"]),
        make("Sqrt", ["w"], ["s"]),
        make("Div", ["d", "s"], ["n"]),
        make("Mul", ["n", "g"], ["p"]),
        make("Add", ["p", "b"], ["y"]),
    ]
    over_channels = [
        make("ReduceMean", ["x0"], ["m"], axes=[1]),
        make("Sub", ["x0", "m"], ["d"]),
        make("Mul", ["d", "d"], ["q"]),
        make("ReduceMean", ["q"], ["v"], axes=[1]),
        make("Add", ["v", "e"], ["w"]),
        make("Sqrt", ["w"], ["s"]),
        make("Div", ["d", "s"], ["y"]),
    ]
    scalars = {"two": np.array(2, np.float32), "e": np.array(1e-5, np.float32)}
    per_channel = {1: d.positive(6), 2: d.normal(6)}
    then = "normalised values are rounded before the scale per channel"
    return [
        one_node("LayerNormalization", "last axis", [x], {1: gamma, 2: beta}),
        one_node("LayerNormalization", "without bias, two axes", [x], {1: d.positive(5, 16)}, axis=1),
        nodes_case("LayerNormalization", "written out", written_out, [x], {**scalars, "g": gamma, "b": beta}, opset=13),
        nodes_case("LayerNormalization", "written out over channels", over_channels, [image], scalars, opset=13),
        one_node("InstanceNormalization", "per channel", [image], per_channel, steps=2, because=then),
        one_node("GroupNormalization", "two groups", [image], per_channel, num_groups=2, steps=2, because=then),
    ]
