"""Cases of functions of one value and of two."""

import numpy as np
from onnx import helper

from tests.harness.op_cases import SAMPLES, Draw, OpCase, nodes_case, one_node

N = SAMPLES
SHAPE = (1, 3, 4, 5)
#: Functions of one value with default attributes, and the range that they are tried on.
FUNCTIONS: dict[str, tuple[float, float]] = {
    "Abs": (-2, 2), "Acos": (-0.9, 0.9), "Acosh": (1.2, 4), "Asin": (-0.9, 0.9), "Asinh": (-4, 4), "Atan": (-4, 4),
    "Atanh": (-0.8, 0.8), "Ceil": (-3, 3), "Celu": (-3, 3), "Cos": (-3, 3), "Cosh": (-2, 2), "Elu": (-3, 3),
    "Erf": (-2, 2), "Exp": (-3, 2), "Floor": (-3, 3), "Gelu": (-3, 3), "HardSigmoid": (-4, 4), "HardSwish": (-5, 5),
    "LeakyRelu": (-3, 3), "Log": (0.2, 5), "Mish": (-4, 4), "Neg": (-3, 3), "Reciprocal": (0.3, 3), "Relu": (-3, 3),
    "Round": (-4, 4), "Selu": (-3, 3), "Shrink": (-2, 2), "Sigmoid": (-6, 6), "Sign": (-2, 2), "Sin": (-3, 3),
    "Sinh": (-2, 2), "Softplus": (-4, 4), "Softsign": (-4, 4), "Sqrt": (0.05, 4), "Tan": (-1, 1), "Tanh": (-4, 4),
    "ThresholdedRelu": (-3, 3),
}  # fmt: skip


def table() -> list[OpCase]:
    return [*unary_cases(Draw()), *parametric_cases(Draw()), *written_out_cases(Draw()), *binary_cases(Draw())]


def unary_cases(d: Draw) -> list[OpCase]:
    return [
        one_node(name, "default attributes", [d.positive(N, *SHAPE, low=low, high=high)])
        for name, (low, high) in FUNCTIONS.items()
    ]


def parametric_cases(d: Draw) -> list[OpCase]:
    x = d.normal(N, *SHAPE, scale=2.0)
    low, high = np.array(-1, np.float32), np.array(1.5, np.float32)
    return [
        one_node("LeakyRelu", "another slope", [x], alpha=0.3),
        one_node("Elu", "another alpha", [x], alpha=0.4),
        one_node("Gelu", "tanh", [x], approximate="tanh"),
        one_node("Gelu", "of ONNX Runtime", [x], domain="com.microsoft"),
        one_node("HardSigmoid", "other slopes", [x], alpha=0.1666, beta=0.4),
        one_node("Clip", "two bounds", [x], {1: low, 2: high}),
        one_node("Clip", "bounds as attributes", [x], min=0.0, max=6.0, opset=9),
        one_node("Clip", "the lower bound only", [x], {1: low}),
        one_node("Max", "a constant number", [x], {1: low}),
        one_node("Min", "a constant number first", [x], {0: high}),
        one_node("Pow", "a square", [x], {1: np.array(2, np.float32)}),
        one_node("Pow", "a root", [d.positive(N, *SHAPE)], {1: np.array([0.5], np.float32)}),
        one_node("Pow", "of a constant base", [x], {0: np.array(1.5, np.float32)}),
        one_node("PRelu", "a slope per channel", [x], {1: d.normal(3, 1, 1)}),
        one_node("PRelu", "a slope per channel of features", [d.normal(N, 1, 6)], {1: d.normal(6)}),
        one_node("PRelu", "one slope", [x], {1: np.array([0.2], np.float32)}),
        one_node("PRelu", "a slope per position", [x], {1: d.normal(1, 4, 5)}),
        nodes_case("PRelu", "between convolutions", [
            helper.make_node("Conv", ["x0", "w"], ["c"]), helper.make_node("PRelu", ["c", "s"], ["p"]),
            helper.make_node("Conv", ["p", "v"], ["y"]),
        ], [x], {"w": d.weights(4, 3, 1, 1), "s": d.positive(4, 1, 1), "v": d.weights(2, 4, 1, 1)}, steps=2,
                   because="three layers are rounded one after the other"),
    ]  # fmt: skip


def written_out_cases(d: Draw) -> list[OpCase]:
    x = d.normal(N, *SHAPE, scale=2.0)
    three, six = np.array(3, np.float32), np.array(6, np.float32)
    make = helper.make_node
    hard_swish = [make("Add", ["x0", "three"], ["a"]), make("Clip", ["a", "zero", "six"], ["c"]),
                  make("Mul", ["x0", "c"], ["m"]), make("Div", ["m", "six"], ["y"])]  # fmt: skip
    silu = [make("Sigmoid", ["x0"], ["s"]), make("Mul", ["x0", "s"], ["y"])]
    gelu = [make("Div", ["x0", "root"], ["d"]), make("Erf", ["d"], ["e"]), make("Add", ["e", "one"], ["a"]),
            make("Mul", ["x0", "a"], ["m"]), make("Mul", ["m", "half"], ["y"])]  # fmt: skip
    mish = [make("Softplus", ["x0"], ["s"]), make("Tanh", ["s"], ["t"]), make("Mul", ["x0", "t"], ["y"])]
    numbers = {"one": np.array(1, np.float32), "half": np.array(0.5, np.float32), "root": np.array(2**0.5, np.float32)}
    return [
        nodes_case(
            "HardSwish", "written out", hard_swish, [x], {"three": three, "six": six, "zero": np.array(0, np.float32)}
        ),
        nodes_case("Swish", "written out", silu, [x]),
        nodes_case("Gelu", "written out", gelu, [x], numbers),
        nodes_case("Mish", "written out", mish, [x]),
    ]


COMPARISONS = ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")


def compared(op: str, why: str, inputs: list[np.ndarray], constants: dict[int, np.ndarray] | None = None) -> OpCase:
    """The comparison of what is given, by position, with its result as float."""
    names = [f"c{k}" if k in (constants or {}) else "x0" for k in range(2)] if constants else ["x0", "x1"]
    nodes = [helper.make_node(op, names, ["b"]), helper.make_node("Cast", ["b"], ["y"], to=1)]
    return nodes_case(op, why, nodes, inputs, {f"c{k}": data for k, data in (constants or {}).items()})


def binary_cases(d: Draw) -> list[OpCase]:
    a, b = d.normal(N, *SHAPE), d.normal(N, *SHAPE, scale=3.0, offset=1.0)
    channels = d.normal(3, 1, 1)
    gate = [
        helper.make_node("GlobalAveragePool", ["x0"], ["g"]),
        helper.make_node("Conv", ["g", "w"], ["c"]),
        helper.make_node("Sigmoid", ["c"], ["s"]),
        helper.make_node("Mul", ["x0", "s"], ["m"]),
        helper.make_node("Conv", ["m", "v"], ["y"]),
    ]
    clamped = [helper.make_node("Add", ["x0", "x1"], ["a"]), helper.make_node("Relu", ["a"], ["y"])]
    cases = []
    for op in ("Add", "Sub", "Mul"):
        cases += [
            one_node(op, "two values", [a, b]),
            one_node(op, "a constant per channel", [a], {1: channels}),
            one_node(op, "a constant number first", [a], {0: np.array([2.5], np.float32)}),
            one_node(op, "a constant of the same shape", [a], {1: d.normal(*SHAPE)}),
            one_node(op, "broadcast on both sides", [d.normal(N, 1, 3, 1, 5), d.normal(N, 4, 1)]),
            one_node(op, "fewer axes", [a, d.normal(N, 5)]),
        ]
    return [
        *cases,
        one_node("Sub", "from a constant per channel", [a], {0: channels}),
        one_node("Where", "a constant condition", [a, b], {0: d.normal(*SHAPE) > 0}, steps=2,
                 because="products and their sum are rounded"),
        one_node("Where", "a constant condition, and another number", [a], {0: d.normal(*SHAPE) > 0,
                 2: np.array(-2, np.float32)}, steps=2, because="a product and a sum are rounded"),
        one_node("Where", "all of one value", [a], {0: np.ones(1, bool), 2: d.normal(*SHAPE)}),
        *(compared(op, "a constant number", [a], {1: np.array(0.3, np.float32)}) for op in COMPARISONS),
        compared("Greater", "a constant number first", [a], {0: np.array(0.3, np.float32)}),
        compared("Less", "two values", [a, a + np.where(b > 0, 1, -1).astype(np.float32)]),
        compared("LessOrEqual", "a constant per channel", [np.rint(a * 4)], {1: np.rint(channels * 4) + 0.5}),
        one_node("Div", "by a constant per channel", [a], {1: d.positive(3, 1, 1)}),
        one_node("Div", "by a constant number", [a], {1: np.array(3, np.float32)}),
        one_node("Div", "a constant number by a value", [d.positive(N, *SHAPE)], {0: np.array(2, np.float32)}),
        one_node("Div", "two values", [a, d.positive(N, *SHAPE, low=0.5)]),
        one_node("Max", "two values", [a, b]),
        one_node("Min", "three values, one of them constant", [a, b], {1: d.normal(*SHAPE)}),
        one_node("Max", "broadcast", [a, d.normal(N, 3, 1, 1)]),
        one_node("Sum", "three values", [a, b, d.normal(N, *SHAPE)], steps=2, because="two sums are rounded"),
        one_node("Sum", "one value", [a]),
        one_node("Mean", "three values", [a, b, d.normal(N, 5)], steps=2,
                 because="two sums and a quotient are rounded"),
        nodes_case("Add", "before Relu", clamped, [a, b]),
        nodes_case("Mul", "by a gate per channel", gate, [a], {"w": d.weights(3, 3, 1, 1), "v": d.weights(2, 3, 1, 1)},
                   steps=2, because="five layers are rounded one after the other"),
    ]  # fmt: skip
