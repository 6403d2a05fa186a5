"""Cases of operators that move, select or repeat elements, and of resizing."""

import numpy as np
from onnx import helper

from tests.harness.op_cases import SAMPLES, Draw, OpCase, nodes_case, one_node

N = SAMPLES
SHAPE = (1, 4, 5, 6)
BIG = np.iinfo(np.int64).max


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def table() -> list[OpCase]:
    return [*shape_cases(Draw()), *slice_cases(Draw()), *pad_cases(Draw()), *block_cases(Draw()), *resize_cases(Draw())]


def shape_cases(d: Draw) -> list[OpCase]:
    x = d.normal(N, *SHAPE)
    between = [
        helper.make_node("Conv", ["x0", "w"], ["c"]),
        helper.make_node("Reshape", ["c", "s"], ["r"]),
        helper.make_node("MatMul", ["r", "v"], ["y"]),
    ]
    chain = [
        helper.make_node("Shape", ["x0"], ["s"]),
        helper.make_node("Gather", ["s", "zero"], ["n"]),
        helper.make_node("Unsqueeze", ["n", "axis"], ["u"]),
        helper.make_node("Concat", ["u", "rest"], ["t"], axis=0),
        helper.make_node("Reshape", ["x0", "t"], ["y"]),
    ]
    two_outputs = [helper.make_node("Relu", ["x0"], ["y0"]), helper.make_node("Neg", ["x0"], ["y1"])]
    parts = [x, d.normal(N, 1, 2, 5, 6, scale=4.0), d.normal(N, 1, 1, 5, 6)]
    five = d.normal(N, 2, 2, 2, 2, 2)
    into_features = {"w": d.weights(3, 4, 1, 1), "s": ints(1, 90), "v": d.weights(90, 4, axis=1)}
    return [
        one_node("Reshape", "with 0 and -1", [x], {1: ints(0, -1, 3)}),
        one_node("Flatten", "all but the batch", [x]),
        one_node("Flatten", "axis 2", [x], axis=2),
        one_node("Flatten", "negative axis", [x], axis=-1),
        one_node("Squeeze", "an axis", [x], {1: ints(0)}),
        one_node("Squeeze", "every axis of size 1, as attribute", [x], opset=11),
        one_node("Unsqueeze", "negative axes", [d.normal(N, 4, 5)], {1: ints(0, -1)}),
        one_node("Unsqueeze", "as attribute", [d.normal(N, 4, 5)], axes=[1], opset=11),
        one_node("Transpose", "reversed by default", [x]),
        one_node("Transpose", "of five axes", [d.normal(N, 2, 3, 2, 3, 2)], perm=[4, 1, 3, 0, 2]),
        one_node("Concat", "channels of three", parts, axis=1),
        one_node("Concat", "a constant between, last axis", [x, x * 2], {1: d.normal(1, 4, 5, 2)}, axis=-1),
        one_node("Concat", "of one", [x], axis=0),
        one_node("Expand", "more axes", [d.normal(N, 4, 1)], {1: ints(2, 1, 3)}),
        one_node("Tile", "three axes", [d.normal(N, 2, 3, 2)], {1: ints(2, 2, 3)}),
        one_node("Tile", "five axes, more than one copy can do", [five], {1: ints(2, 1, 2, 2, 2)}),
        nodes_case("Reshape", "of channels into features", between, [x], into_features, steps=2,
                   because="two layers are rounded"),
        nodes_case("Reshape", "by a shape that nodes compute", chain, [x],
                   {"zero": np.array(0), "axis": ints(0), "rest": ints(-1)}),
        nodes_case("Relu", "one of two outputs", two_outputs, [x], outputs=("y0", "y1")),
    ]  # fmt: skip


def slice_cases(d: Draw) -> list[OpCase]:
    x = d.normal(N, *SHAPE)
    split = [helper.make_node("Split", ["x0"], ["a", "b"], axis=1, num_outputs=2),
             helper.make_node("Add", ["a", "b"], ["y"])]  # fmt: skip
    inside = [
        helper.make_node("Conv", ["x0", "w"], ["c"]),
        helper.make_node("Slice", ["c", "from", "to", "axes"], ["s"]),
        helper.make_node("Conv", ["s", "v"], ["y"]),
    ]
    channels = {"w": d.weights(6, 4, 1, 1), "from": ints(2), "to": ints(5), "axes": ints(1), "v": d.weights(2, 3, 1, 1)}
    backwards = {1: ints(0, -1), 2: ints(5, -BIG), 3: ints(2, 3), 4: ints(2, -2)}
    return [
        one_node("Slice", "two axes", [x], {1: ints(1, -3), 2: ints(3, BIG), 3: ints(1, 3)}),
        one_node("Slice", "steps, one of them backwards", [x], backwards),
        one_node("Slice", "attributes", [x], starts=[0, 1], ends=[1, 3], axes=[0, 2], opset=9),
        one_node("Slice", "of everything", [x], {1: ints(0), 2: ints(BIG)}),
        nodes_case("Slice", "of channels between convolutions", inside, [x], channels, steps=2,
                   because="two layers are rounded"),
        one_node("Split", "equal parts", [x], outputs=2, axis=1, num_outputs=2),
        one_node("Split", "given sizes", [x], {1: ints(1, 4)}, outputs=2, axis=2),
        one_node("Split", "an uneven rest", [x], outputs=2, axis=2, num_outputs=2),
        one_node("Split", "sizes as attribute", [x], outputs=2, axis=1, split=[3, 1], opset=11),
        nodes_case("Split", "and a sum of the parts", split, [x]),
        one_node("Gather", "one index", [x], {1: np.array(-1)}, axis=1),
        one_node("Gather", "evenly spaced", [x], {1: ints(4, 2, 0)}, axis=2),
        one_node("Gather", "any order, repeated", [x], {1: ints(3, 0, 0, 2)}, axis=1),
        one_node("Gather", "a matrix of indices", [x], {1: np.array([[0, 3], [2, -1]])}, axis=3),
    ]  # fmt: skip


def pad_cases(d: Draw) -> list[OpCase]:
    x = d.normal(N, *SHAPE)
    return [
        one_node("Pad", "zeros", [x], {1: ints(0, 1, 2, 0, 0, 0, 1, 3)}),
        one_node("Pad", "another value", [x], {1: ints(0, 0, 1, 1, 0, 0, 1, 1), 2: np.array(-5, np.float32)}),
        one_node("Pad", "attributes", [x], pads=[0, 0, 1, 1, 0, 0, 0, 2], value=0.5, opset=10),
        one_node("Pad", "some axes", [x], {1: ints(1, 2), 2: np.array(0, np.float32), 3: ints(-1)}),
        one_node("Pad", "cuts and widens", [x], {1: ints(0, -1, 0, 2, 0, 0, -2, 0)}),
        one_node("Pad", "edge", [x], {1: ints(0, 0, 2, 1, 0, 0, 1, 3)}, mode="edge"),
        one_node("Pad", "reflect", [x], {1: ints(0, 0, 2, 1, 0, 0, 1, 3)}, mode="reflect"),
        one_node("Pad", "wrap", [x], {1: ints(0, 0, 2, 1, 0, 0, 1, 3)}, mode="wrap"),
        one_node("Pad", "nothing, reflect", [x], {1: ints(0, 0, 0, 0, 0, 0, 0, 0)}, mode="reflect"),
    ]


def block_cases(d: Draw) -> list[OpCase]:
    return [
        one_node("DepthToSpace", "DCR", [d.normal(N, 1, 12, 3, 4)], blocksize=2),
        one_node("DepthToSpace", "CRD", [d.normal(N, 1, 18, 2, 3)], blocksize=3, mode="CRD"),
        one_node("SpaceToDepth", "blocks of 2", [d.normal(N, 1, 3, 4, 6)], blocksize=2),
        one_node("SpaceToDepth", "blocks of 3", [d.normal(N, 1, 2, 6, 3)], blocksize=3),
    ]


def resize_cases(d: Draw) -> list[OpCase]:
    x, none = d.normal(N, 1, 3, 5, 6), np.zeros(0, dtype=np.float32)

    def resize(why: str, scales: tuple[float, ...] = (), sizes: tuple[int, ...] = (), **attributes: object) -> OpCase:
        constants = {1: none, 2: np.array(scales, np.float32)} if scales else {1: none, 2: none, 3: ints(*sizes)}
        return one_node("Resize", why, [x], constants, **attributes)  # type: ignore[arg-type]

    cases = [
        resize(
            "nearest, twice",
            (1, 1, 2, 2),
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        resize("nearest, thrice and twice, default modes", (1, 1, 3, 2), mode="nearest"),
        resize("nearest, odd factors", (1, 1, 1.7, 0.6), mode="nearest"),
        resize("nearest, every second", (1, 1, 0.5, 0.5), mode="nearest", coordinate_transformation_mode="asymmetric"),
        resize("linear, to sizes", sizes=(1, 3, 8, 4), mode="linear"),
        resize(
            "linear, a single row",
            sizes=(1, 3, 1, 12),
            mode="linear",
            coordinate_transformation_mode="pytorch_half_pixel",
        ),
        resize(
            "linear, not larger",
            sizes=(1, 3, 8, 7),
            mode="linear",
            keep_aspect_ratio_policy="not_larger",
            axes=[0, 1, 2, 3],
        ),
        resize("linear, two axes", (2.0, 1.5), mode="linear", axes=[2, 3]),
    ]
    for mode, more in (
        ("half_pixel", {"cubic_coeff_a": -0.5}),
        ("align_corners", {"exclude_outside": 1}),
        ("asymmetric", {}),
    ):
        cases.append(
            one_node(
                *("Resize", f"cubic, {mode}", [x], {1: none, 2: np.array((1, 1, 1.7, 2.3), np.float32)}),
                mode="cubic",
                coordinate_transformation_mode=mode,
                **more,
                steps=3,
                because="two products are rounded, and their weights are",
            )
        )
    for mode in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        cases.append(resize(f"nearest, {mode}", (1, 1, 1.6, 2.5), mode="nearest", nearest_mode=mode))
    for mode in ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"):
        cases.append(resize(f"linear, {mode}", (1, 1, 1.7, 2.3), mode="linear", coordinate_transformation_mode=mode))
        cases.append(resize(f"nearest, {mode}", (1, 1, 1.7, 2.3), mode="nearest", coordinate_transformation_mode=mode))
    return [
        *cases,
        one_node("Resize", "opset 10, nearest", [x], {1: np.array([1, 1, 2, 3], np.float32)}, mode="nearest", opset=10),
        one_node(
            "Resize", "channels last", [d.normal(N, 1, 4, 5, 3)], {1: none, 2: np.array([1, 2, 2, 1], np.float32)}
        ),
        one_node(
            "Resize", "1-D", [d.normal(N, 1, 3, 7)], {1: none, 2: np.array([1, 1, 2.5], np.float32)}, mode="linear"
        ),
        one_node("Upsample", "nearest", [x], {1: np.array([1, 1, 2, 2], np.float32)}, mode="nearest", opset=9),
        one_node("Upsample", "linear, scales as attribute", [x], scales=[1.0, 1.0, 2.0, 3.0], mode="linear", opset=7),
    ]
