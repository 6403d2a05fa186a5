"""The door for ONNX files: what is read, what is refused, and that nothing ends in a traceback."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from edgewright.errors import EdgewrightError, ModelFileError, UnsupportedError, UsageError
from edgewright.frontend import ModelFile, import_model, load_model
from edgewright.quantize import run_float

make = helper.make_node


def model(
    *nodes: NodeProto,
    inputs: dict[str, tuple[int | str, ...]] | None = None,
    constants: dict[str, np.ndarray] | None = None,
    outputs: tuple[str, ...] = ("y",),
    opset: int = 17,
    input_type: int = TensorProto.FLOAT,
    domains: tuple[str, ...] = (),
) -> ModelFile:
    shapes = {"x": (1, 3, 4, 5)} if inputs is None else inputs
    graph = helper.make_graph(
        list(nodes),
        "test",
        [helper.make_tensor_value_info(name, input_type, shape) for name, shape in shapes.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(data, name) for name, data in (constants or {}).items()],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return ModelFile(Path("test.onnx"), helper.make_model(graph, opset_imports=opsets), "")


def weights(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


# ---- files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04 not a model at all", "not an ONNX model"),
        (b"\x08\x08", "not an ONNX model: no graph"),
    ],
)
def test_files_that_are_no_models(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=message):
        load_model(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="cannot be read"):
        load_model(tmp_path / "none.onnx")


def test_a_truncated_file(tmp_path: Path) -> None:
    data = model(make("MatMul", ["x", "w"], ["y"]), inputs={"x": (1, 64)}, constants={"w": weights(64, 9)}).proto
    path = tmp_path / "half.onnx"
    path.write_bytes(data.SerializeToString()[:1500])
    with pytest.raises(ModelFileError, match="truncated"):
        load_model(path)


@pytest.mark.parametrize(("ir", "opset"), [(2, 17), (8, 6)])
def test_models_that_are_too_old(tmp_path: Path, ir: int, opset: int) -> None:
    proto = model(make("Relu", ["x"], ["y"]), opset=opset).proto
    proto.ir_version = ir
    path = tmp_path / "old.onnx"
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(ModelFileError, match="supported: IR 3, opset 7 and up"):
        load_model(path)


def test_external_data(tmp_path: Path) -> None:
    file = model(make("MatMul", ["x", "w"], ["y"]), inputs={"x": (1, 64)}, constants={"w": weights(64, 9)})
    path = tmp_path / "outside.onnx"
    onnx.save(file.proto, path, save_as_external_data=True, location="data.bin", size_threshold=0)
    graph = import_model(load_model(path))
    x = weights(1, 64)
    np.testing.assert_allclose(run_float(graph, [x])[0], x @ weights(64, 9), rtol=1e-5, atol=1e-5)
    (tmp_path / "data.bin").unlink()
    with pytest.raises(ModelFileError, match="external data"):
        load_model(path)


def test_external_data_outside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.bin").write_bytes(bytes(64 * 9 * 4))
    file = model(make("MatMul", ["x", "w"], ["y"]), inputs={"x": (1, 64)}, constants={"w": weights(64, 9)})
    folder = tmp_path / "model"
    folder.mkdir()
    onnx.save(file.proto, folder / "m.onnx", save_as_external_data=True, location="data.bin", size_threshold=0)
    proto = onnx.load(folder / "m.onnx", load_external_data=False)
    for entry in proto.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = "../secret.bin"
    (folder / "m.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(ModelFileError, match="external data"):
        load_model(folder / "m.onnx")


def test_local_functions_are_inlined(tmp_path: Path) -> None:
    body = [make("Relu", ["a"], ["b"]), make("Neg", ["b"], ["c"])]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    function = helper.make_function("own", "ReluNeg", ["a"], ["c"], body, opsets[:1])
    graph = helper.make_graph(
        [make("ReluNeg", ["x"], ["y"], domain="own")], "f",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
    )  # fmt: skip
    path = tmp_path / "function.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opsets, functions=[function]), path)
    x = np.array([[-1, 2, -3, 4]], dtype=np.float32)
    np.testing.assert_array_equal(run_float(import_model(load_model(path)), [x])[0], -np.maximum(x, 0))


# ---- shapes ------------------------------------------------------------------------------------------


def test_an_open_batch_is_one() -> None:
    graph = import_model(model(make("Relu", ["x"], ["y"]), inputs={"x": ("N", 3, 4)}))
    assert graph.outputs[0].shape == (1, 3, 4)


def test_open_sizes_need_the_option() -> None:
    file = model(make("Relu", ["x"], ["y"]), inputs={"x": ("N", 3, "h", "w")})
    with pytest.raises(UsageError, match=r"shape \[1,3,\?,\?\] is not fixed; give --shape x="):
        import_model(file)
    assert import_model(file, {"x": (1, 3, 8, 6)}).outputs[0].shape == (1, 3, 8, 6)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({"z": (1,)}, "no such input; inputs: x"),
        ({"x": (1, 3)}, "2 sizes given, the model has 4"),
        ({"x": (1, 4, 4, 5)}, "size 4 given, the model fixes 3"),
        ({"x": (0, 3, 4, 5)}, "sizes must be 1 or more"),
    ],
)
def test_shapes_that_contradict(shapes: dict[str, tuple[int, ...]], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        import_model(model(make("Relu", ["x"], ["y"]), inputs={"x": ("N", 3, 4, 5)}), shapes)


# ---- what is imported --------------------------------------------------------------------------------


def test_weights_that_are_inputs_too() -> None:
    file = model(make("MatMul", ["x", "w"], ["y"]), inputs={"x": (1, 4), "w": (4, 2)}, constants={"w": weights(4, 2)})
    assert [value.name for value in import_model(file).inputs] == ["x"]


def test_half_and_double_precision() -> None:
    file = model(
        make("MatMul", ["x", "w"], ["y"]), inputs={"x": (1, 4)}, constants={"w": weights(4, 2).astype(np.float16)}
    )
    assert {value.dtype for value in import_model(file).values()} == {"float32"}


def test_nodes_without_effect_go() -> None:
    file = model(
        make("Identity", ["x"], ["a"]),
        make("Dropout", ["a"], ["b"]),
        make("Cast", ["b"], ["c"], to=TensorProto.FLOAT),
        make("Relu", ["c"], ["y"]),
    )
    assert [node.op.mnemonic for node in import_model(file).nodes] == ["clip"]


def test_an_output_that_is_an_input_or_given_twice_is_copied() -> None:
    file = model(make("Relu", ["x"], ["y"]), make("Identity", ["y"], ["z"]), outputs=("y", "z", "x"))
    graph = import_model(file)
    x = weights(1, 3, 4, 5)
    for got, wanted in zip(run_float(graph, [x]), [np.maximum(x, 0), np.maximum(x, 0), x], strict=True):
        np.testing.assert_array_equal(got, wanted)
    assert len({id(value) for value in [*graph.inputs, *graph.outputs]}) == 4


def test_several_inputs_and_outputs() -> None:
    file = model(
        make("Add", ["a", "b"], ["s"]), make("Mul", ["a", "b"], ["p"]),
        inputs={"a": (1, 3), "b": (1, 3)}, outputs=("p", "s"),
    )  # fmt: skip
    graph = import_model(file)
    assert [value.name for value in graph.inputs] == ["a", "b"]
    assert [value.name for value in graph.outputs] == ["p", "s"]


# ---- what is refused ---------------------------------------------------------------------------------


def test_every_unsupported_node_is_named_with_its_reason() -> None:
    """The second and third follow a refused node; the last two have unknown operators and domains."""
    file = model(
        make("Conv", ["x", "x"], ["a"], name="first"),
        make("Relu", ["a"], ["b"], name="fine"),
        make("Det", ["b"], ["c"], name="second"),
        make("Relu", ["b"], ["d"], domain="elsewhere", name="third"),
        make("NonZero", ["x"], ["e"], name="fourth"),
        make("TopK", ["x", "k"], ["y", "i"], domain="com.microsoft", name="fifth"),
        constants={"k": np.array([1])},
        outputs=("c", "d", "e", "y"),
    )
    with pytest.raises(UnsupportedError) as caught:
        import_model(file)
    assert caught.value.reasons == [
        "'first' (Conv, opset 17): weights computed at run time; supported: constant weights and bias",
        "'second' (Det, opset 17): operator is not supported",
        "'third' (elsewhere.Relu, opset 17): operator is not supported",
        "'fourth' (NonZero, opset 17): operator is not supported; leave it to the host: how much it gives depends on"
        " the data",
        "'fifth' (com.microsoft.TopK, opset 17): operator is not supported",
    ]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers(bad: float) -> None:
    w = weights(4, 2)
    w[1, 1] = bad
    with pytest.raises(UnsupportedError, match="constant 'w': holds NaN or infinite values"):
        import_model(model(make("MatMul", ["x", "w"], ["y"]), inputs={"x": (1, 4)}, constants={"w": w}))


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (make("Cast", ["x"], ["y"], to=TensorProto.INT32), "Cast of an activation to INT32"),
        (make("Relu", ["nobody"], ["y"]), "reads 'nobody', which is defined nowhere before it"),
        (make("Relu", [], ["y"]), "0 inputs; the operator has at least 1"),
        (make("Add", ["x", ""], ["y"]), "input 1 is missing"),
        (make("Add", ["x", "w"], ["y"]), "shapes"),
        (make("Transpose", ["x"], ["y"], perm=[0, 1, 1, 2]), "perm"),
        (make("Concat", ["x", "w"], ["y"], axis=1), "shapes"),
        (make("Concat", ["x", "x"], ["y"], axis="left"), "attribute 'axis' is STRING instead of INT"),
        (make("Softmax", ["x"], ["y"], axis=7), "axis 7 of 4"),
        (make("Flatten", ["x"], ["x"]), "defines 'x' again"),
        (make("MaxPool", ["x"], ["y"]), "kernel_shape"),
        (make("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], pads=[-1, 0, 0, 0]), "pads"),
        (make("MaxPool", ["x"], ["y"], kernel_shape=[0, 2]), "kernel_shape"),
        (make("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[0, 1]), "strides"),
        (make("AveragePool", ["x"], ["y"], kernel_shape=[9, 9]), "a window over"),
        (make("Tile", ["x", "many"], ["y"]), "an output of shape"),
        (make("Expand", ["w", "huge"], ["y"]), "constant Expand of"),
        (
            make("Loop", ["many", "", "w"], ["y"], body=helper.make_graph([], "empty", [], [])),
            "operator is not supported",
        ),
    ],
)
def test_malformed_nodes(node: NodeProto, message: str) -> None:
    constants = {"w": weights(7, 9), "many": np.array([1, 10**6, 10**6, 1]), "huge": np.array([10**5, 10**5, 7, 9])}
    with pytest.raises(UnsupportedError, match=message):
        import_model(model(node, constants=constants, outputs=node.output))


def test_an_output_that_nothing_computes() -> None:
    with pytest.raises(UnsupportedError, match="output 'z' is never computed"):
        import_model(model(make("Relu", ["x"], ["y"]), outputs=("z",)))


def test_names_cannot_break_the_line() -> None:
    with pytest.raises(UnsupportedError) as caught:
        import_model(model(make("Det", ["x"], ["y"], name="one\ntwo\x1b[2J")))
    assert str(caught.value) == "test.onnx: 'one?two?[2J' (Det, opset 17): operator is not supported"


def test_an_input_of_absurd_size() -> None:
    with pytest.raises(UnsupportedError, match="input 'x': 1,000,000,000,000 elements"):
        import_model(model(make("Relu", ["x"], ["y"]), inputs={"x": (1, 10**6, 10**6)}))


def test_inputs_of_other_types() -> None:
    with pytest.raises(UnsupportedError, match="input 'x': INT64; supported: float, int8 and uint8"):
        import_model(model(make("Relu", ["x"], ["y"]), input_type=TensorProto.INT64))


def test_a_damaged_initializer() -> None:
    file = model(make("MatMul", ["x", "w"], ["y"]), inputs={"x": (1, 4)}, constants={"w": weights(4, 2)})
    file.proto.graph.initializer[0].raw_data = b"abc"
    with pytest.raises(UnsupportedError, match="constant 'w': malformed"):
        import_model(file)


def test_the_integers_of_arg_max_may_only_leave() -> None:
    import_model(model(make("ArgMax", ["x"], ["a"], axis=1), make("Cast", ["a"], ["y"], to=TensorProto.INT32)))
    with pytest.raises(UnsupportedError, match="integers of ArgMax"):
        import_model(model(make("ArgMax", ["x"], ["a"], axis=1), make("Add", ["a", "a"], ["y"])))


def fuzz_target() -> ModelProto:
    return model(
        make("Conv", ["x", "w", "b"], ["c"], strides=[1, 2], pads=[1, 1, 1, 1]),
        make("Slice", ["c", "from", "to", "axes"], ["s"]),
        make("Reshape", ["s", "shape"], ["r"]),
        make("Gemm", ["r", "v"], ["g"], alpha=0.5),
        make("Softmax", ["g"], ["y"]),
        constants={
            "w": weights(4, 3, 3, 3), "b": weights(4), "from": np.array([0]), "to": np.array([2]),
            "axes": np.array([1]), "shape": np.array([1, -1]), "v": weights(24, 5),
        },
    ).proto  # fmt: skip


FUZZED = fuzz_target().SerializeToString()


@settings(max_examples=150, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, len(FUZZED) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_damaged_models_are_refused_or_imported(changes: list[tuple[int, int]]) -> None:
    data = bytearray(FUZZED)
    for position, byte in changes:
        data[position] = byte
    proto = ModelProto()
    try:
        proto.ParseFromString(bytes(data))
    except Exception:
        return
    try:
        import_model(ModelFile(Path("fuzzed.onnx"), proto, ""))
    except EdgewrightError as error:
        assert str(error).isprintable()  # noqa: PT017 - most of these models are fine
