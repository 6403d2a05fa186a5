"""The command line: what other tools rely on (keys, exit codes), and one clear line for every mistake."""

import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnxruntime import InferenceSession

from edgewright import demo
from edgewright.targets import load_cpu
from edgewright.verbs.record import plain
from tests.harness.command import PROGRAM, edgewright

MODEL, CALIB, DATA = demo.model_path(), demo.calibration_path(), demo.held_out_path()


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo model compiled and built for Cortex-M4."""
    folder = tmp_path_factory.mktemp("cli") / "digits"
    done = edgewright("compile", MODEL, "-t", "cortex-m4", "--calib", CALIB, "-o", folder, "-n", "digits", "--json")
    assert done.status == 0, done.err
    document = done.document
    for key in ("schema_version", "flash_bytes", "arena_bytes", "weights_bytes", "macs", "layers"):
        assert key in document
    assert done.err == ""
    return folder


def test_build_reports_the_minimal_program(compiled: Path) -> None:
    document = edgewright("build", compiled, "--json").document
    assert Path(document["elf"]).is_file()
    assert Path(document["minimal_elf"]).is_file()
    sections = document["sections"]
    assert document["flash_bytes"] == sections["text"] + sections["rodata"] + sections["data"]
    assert document["ram_bytes"] == sections["data"] + sections["bss"] >= document["arena_bytes"]
    assert document["stack_bytes"] > 0


def test_validate_on_host_and_emulator_agrees_to_the_byte(compiled: Path) -> None:
    document = edgewright(
        "validate", compiled, "--data", DATA, "--on", "host,emulator", "--limit", 20, "--json"
    ).document
    assert document["samples"] == 20
    assert document["float_accuracy"] > 0.9
    for place in ("host", "emulator"):
        scores = document["places"][place]
        assert scores["mismatched_bytes"] == 0
        assert scores["compared_bytes"] == 200
        assert scores["first_divergent_layer"] is None
        assert scores["accuracy"] > 0.9
        assert scores["cosine"] > 0.99


def test_profile_layers_add_up(compiled: Path) -> None:
    document = edgewright("profile", compiled, "--json").document
    assert document["unit"] == "emulated-instructions"
    assert sum(layer["instructions"] for layer in document["layers"]) == document["instructions"]
    assert document["loads"] > 0
    assert document["stores"] > 0
    assert {"name", "op", "kernel", "macs", "output_bytes", "instructions"} == set(document["layers"][0])


@pytest.mark.parametrize("cpu", ["cortex-m4", "cortex-m7"])
def test_modelled_cycles_come_with_their_error(cpu: str, tmp_path: Path) -> None:
    done = edgewright("compile", MODEL, "-t", cpu, "-o", tmp_path / "out", "--calib", CALIB)
    assert done.status == 0, done.err
    assert edgewright("build", tmp_path / "out").status == 0
    error = edgewright("profile", tmp_path / "out", "--json").document["model_cycles_error"]
    shown = " ".join(edgewright("profile", tmp_path / "out").out.split())
    check = load_cpu(cpu).cycle_check
    assert (error["figures"], error["low_percent"], error["high_percent"]) == (
        *(check.figures, check.low_percent, check.high_percent),
    )
    assert ("not checked" in error["text"]) == (check.figures == 0)
    assert " ".join(error["text"].split()) in shown
    caution = "the error was measured with those of a board"
    assert "0 wait states" in shown
    assert (caution in shown) == bool(check.figures), "a bare CPU waits for no flash"


def test_profile_is_repeatable(compiled: Path) -> None:
    first, second = (edgewright("profile", compiled, "--json").document for _ in range(2))
    assert first == second


def test_quantized_onnx_compiles_without_calibration(tmp_path: Path) -> None:
    written = edgewright("quantize", MODEL, "-o", tmp_path / "q.onnx", "--calib", CALIB, "--json")
    assert written.status == 0, written.err
    onnx.checker.check_model(onnx.load(tmp_path / "q.onnx"))
    done = edgewright("compile", tmp_path / "q.onnx", "-t", "cortex-m4", "-o", tmp_path / "out", "--json")
    assert done.status == 0, done.err
    assert done.document["quantization"]["method"] == "model"
    assert "the model's own" in edgewright("report", tmp_path / "out").out


def test_inspect_tells_fit_and_refusals(tmp_path: Path) -> None:
    document = edgewright("inspect", MODEL, "-t", "cortex-m4", "--json").document
    assert document["target"]["fits"] is True
    node = helper.make_node("NonMaxSuppression", ["x", "x"], ["y"], name="nms")
    node2 = helper.make_node("Loop", ["", "", "x"], ["z"], name="loop")
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 4])
    y, z = (helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "yz")
    graph = helper.make_graph([node, node2], "bad", [x], [y, z])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), tmp_path / "bad.onnx")
    done = edgewright("inspect", tmp_path / "bad.onnx", "--json")
    assert done.status == 3
    assert [("nms" in r, "loop" in r) for r in done.document["unsupported"]] == [(True, False), (False, True)]


@pytest.mark.parametrize("verb", ["targets", "ops", "doctor"])
def test_listings(verb: str) -> None:
    done = edgewright(verb, "--json")
    assert done.document["schema_version"] == 1
    assert edgewright(verb).out.count("\n") > 5


def relu_model(shape: list[int]) -> onnx.ModelProto:
    """y = tanh(max(x, 0)): two layers that need two buffers or one."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xz"]
    nodes = [
        helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Tanh", ["y"], ["z"]),
    ]
    graph = helper.make_graph(nodes, "large", ends[:1], ends[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def bad_inputs(folder: Path) -> dict[str, tuple[int, tuple[object, ...], str]]:
    """Why -> (status, arguments, what the line says)."""
    truncated = folder / "truncated.onnx"
    truncated.write_bytes(MODEL.read_bytes()[:5000])
    empty = folder / "empty.onnx"
    empty.write_bytes(b"")
    text = folder / "text.onnx"
    text.write_text("this is no model, " * 50)
    pickled = folder / "pickled.npz"
    np.savez(pickled, x=np.array([{"a": 1}], dtype=object))
    narrow = folder / "narrow.npz"
    np.savez(narrow, x=np.zeros((4, 3, 5), dtype=np.float32))
    nothing = folder / "nothing.npz"
    np.savez(nothing, x=np.zeros((0, 1, 8, 8), dtype=np.float32))
    words = folder / "words.npz"
    np.savez(words, x=np.array([["a"] * 64] * 3))
    occupied = folder / "occupied"
    occupied.mkdir()
    (occupied / "thesis.txt").write_text("do not lose me")
    large = folder / "large.onnx"
    onnx.save(relu_model([1, 4, 100, 100]), large)
    out, to = folder / "never", ("-t", "cortex-m4")
    return {
        "no such file": (2, ("inspect", folder / "none.onnx"), "No such file"),
        "truncated": (2, ("inspect", truncated), "truncated"),
        "empty file": (2, ("inspect", empty), "empty"),
        "not ONNX": (2, ("inspect", text), "not an ONNX model"),
        "no calibration": (2, ("compile", MODEL, *to, "-o", out), "--calib"),
        "unknown target": (
            2,
            ("compile", MODEL, "-t", "cortex-m44", "--calib", CALIB, "-o", out),
            "did you mean 'cortex-m4'?",
        ),
        "pickled data": (2, ("compile", MODEL, *to, "--calib", pickled, "-o", out), "pickled"),
        "wrong shape": (2, ("compile", MODEL, *to, "--calib", narrow, "-o", out), "[4, 3, 5]"),
        "no samples": (2, ("compile", MODEL, *to, "--calib", nothing, "-o", out), "no samples"),
        "not numbers": (2, ("compile", MODEL, *to, "--calib", words, "-o", out), "must hold numbers"),
        "foreign folder": (2, ("compile", MODEL, *to, "--calib", CALIB, "-o", occupied), "did not generate"),
        "file in the way": (2, ("compile", MODEL, *to, "--calib", CALIB, "-o", text), "is a file"),
        "name is a C word": (2, ("compile", MODEL, *to, "--calib", CALIB, "-o", out, "-n", "int"), "taken by C"),
        "name is an attack": (2, ("compile", MODEL, *to, "--calib", CALIB, "-o", out, "-n", "a;rm"), "C prefix"),
        "unknown goal": (2, ("compile", MODEL, *to, "--calib", CALIB, "-o", out, "-O", "fast"), "balanced"),
        "no thread": (2, ("compile", MODEL, "-t", "x86-64", "--calib", CALIB, "-o", out, "-j", 0), "must be 1 to 16"),
        "a thousand threads": (
            2,
            ("compile", MODEL, "-t", "x86-64", "--calib", CALIB, "-o", out, "-j", 1000),
            "must be 1 to 16",
        ),
        "threads on a microcontroller": (
            2,
            ("compile", MODEL, *to, "--calib", CALIB, "-o", out, "-j", 4),
            "cortex-m4 has one core and no threads",
        ),
        "unknown method": (2, ("compile", MODEL, *to, "--calib", CALIB, "--method", "magic", "-o", out), "magic"),
        "bad shape option": (2, ("compile", MODEL, *to, "--calib", CALIB, "-o", out, "--shape", "x=a,b"), "--shape"),
        "shape of no input": (
            2,
            ("compile", MODEL, *to, "--calib", CALIB, "-o", out, "--shape", "q=1,2"),
            "no such input",
        ),
        "not compiled": (2, ("build", occupied), "edgewright compile"),
        "amount": (2, ("prune", MODEL, "-o", folder / "p.onnx", "--amount", 1.5), "above 0 and below 1"),
        "unwritable": (2, ("quantize", MODEL, "-o", folder / "no" / "q.onnx", "--calib", CALIB), "cannot be written"),
        "too large for the board": (
            4,
            ("compile", large, "-t", "microbit", "--calib", "random", "-o", out),
            "RAM has 14,320 beside the stack",
        ),
    }


MISTAKES = (
    "no such file", "truncated", "empty file", "not ONNX", "no calibration", "unknown target", "pickled data",
    "wrong shape", "no samples", "not numbers", "foreign folder", "file in the way", "name is a C word",
    "name is an attack", "unknown goal", "no thread", "a thousand threads", "threads on a microcontroller",
    "unknown method", "bad shape option", "shape of no input", "not compiled", "amount", "unwritable",
    "too large for the board",
)  # fmt: skip


@pytest.mark.parametrize("why", MISTAKES)
def test_bad_input_gets_one_line_and_leaves_nothing(why: str, tmp_path: Path) -> None:
    status, arguments, says = bad_inputs(tmp_path)[why]
    before = sorted(tmp_path.rglob("*"))
    done = edgewright(*arguments)
    assert done.status == status, done.err
    assert says in done.err
    assert done.err.count("\n") == 1, done.err
    assert "Traceback" not in done.err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("inspect", MODEL, "--nosuch"), "No such option: --nosuch; see edgewright inspect --help"),
        (("compile", MODEL, "-t", "cortex-m4"), "Missing option '-o' / '--out'; see edgewright compile --help"),
        (("prune", MODEL, "-o", "p.onnx", "--amount", "much"), "Invalid value for '--amount'"),
        (("inspekt", MODEL), "No such command 'inspekt'"),
    ],
    ids=["an option that is not there", "one that is missing", "a value of the wrong kind", "no such verb"],
)
def test_mistakes_in_the_arguments_are_one_line_and_a_document(arguments: tuple[object, ...], says: str) -> None:
    done = edgewright(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert says in done.err
    document = edgewright(*arguments, "--json").document
    assert document["exit_code"] == 2
    assert says in document["error"]


def test_what_does_not_fit_is_told_and_refused(tmp_path: Path) -> None:
    onnx.save(relu_model([1, 4, 100, 100]), tmp_path / "large.onnx")
    done = edgewright("inspect", tmp_path / "large.onnx", "-t", "microbit", "--json")
    assert done.status == 4
    assert done.document["target"]["fits"] is False
    assert "large.onnx on microbit: arena needs" in done.err
    assert done.err.count("\n") == 1


def test_help_of_the_command_and_of_each_verb() -> None:
    assert edgewright().out == edgewright("--help").out
    for verb in ("inspect", "quantize", "prune", "compile", "build", "validate", "profile", "report", "targets"):
        done = edgewright(verb, "--help")
        assert done.status == 0
        assert "--json" in done.out
    assert edgewright("--version").out.startswith("edgewright ")


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_reader_that_leaves_early_is_no_error(options: tuple[str, ...]) -> None:
    with subprocess.Popen(
        [*PROGRAM, "ops", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_error_as_json(tmp_path: Path) -> None:
    done = edgewright("inspect", tmp_path / "none.onnx", "--json")
    assert done.status == 2
    assert done.document["exit_code"] == 2
    assert "none.onnx" in done.document["error"]


def test_json_has_no_nan() -> None:
    """A float model that yields NaN gives an RMSE of NaN, which is not JSON."""
    given = {"rmse": float("nan"), "places": [{"cosine": float("-inf"), "samples": 3}], "name": "net"}
    assert plain(given) == {"rmse": None, "places": [{"cosine": None, "samples": 3}], "name": "net"}


def test_random_calibration_says_so(tmp_path: Path) -> None:
    done = edgewright("compile", MODEL, "-t", "cortex-m4", "--calib", "random", "-o", tmp_path / "out")
    assert done.status == 0
    assert "not representative" in done.out


def noise_with_the_float_models_classes(path: Path) -> Path:
    """Inputs that no class is sure of: int8 gives some of them another one."""
    x = np.random.default_rng(1).uniform(0, 1, (600, 1, 8, 8)).astype(np.float32)
    session = InferenceSession(MODEL, providers=["CPUExecutionProvider"])
    (name,) = [value.name for value in session.get_inputs()]
    y = [int(session.run(None, {name: image[None]})[0].argmax()) for image in x]
    np.savez(path, x=x, y=np.array(y))
    return path


def test_accuracy_gate(compiled: Path, tmp_path: Path) -> None:
    data = noise_with_the_float_models_classes(tmp_path / "noise.npz")
    done = edgewright("validate", compiled, "--data", data, "--max-drop", 0, "--json")
    assert done.status == 5
    assert "points below the float model" in done.err
    assert done.document["exit_code"] == 5
    assert done.document["error"] in done.err
    assert done.document["samples"] == 600
