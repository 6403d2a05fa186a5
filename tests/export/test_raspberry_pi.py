"""`raspberry-pi`: what `make` builds runs on the emulated cores, and Python gets the bytes of the reference."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edgewright import api
from edgewright.artifact import Directory, open_directory
from edgewright.emit import Origin, write_directory
from edgewright.ir.text import parse_graph
from edgewright.plan import make_plan
from edgewright.quantize import in_model_order, random_samples, run_integer
from edgewright.targets import load_cpu
from tests.emit.test_emit_c import MODEL
from tests.harness.firmware import NAME, PASSED, WARNINGS, compiled, exported, shell
from tests.harness.graph_strategies import op_records, quantized

#: A core of each word size: its compilers' prefix.
CORES = {"cortex-a72": "aarch64-linux-gnu", "cortex-a7": "arm-linux-gnueabihf"}
#: Ends with the outputs of the files x0.npy, x1.npy, as y0.npy, ...
SCRIPT = """
import sys
before = set(sys.modules)
import numpy as np
from rich import Model
model = Model()
model.selftest()
for k, y in enumerate(model.run(*(np.load(f"x{k}.npy") for k in range(2)))):
    np.save(f"y{k}.npy", y)
for bad in ([np.zeros(3)], [np.zeros(3), np.zeros(4)]):
    try:
        model.run_stored(*bad)
    except ValueError as error:
        print(error)
"""


@pytest.mark.parametrize("cpu", CORES)
def test_the_libraries_and_the_command_run_on_the_emulated_core(cpu: str, tmp_path: Path) -> None:
    folder, target = exported("raspberry-pi", tmp_path / "out", cpu=cpu), CORES[cpu]
    tools = [f"CC={target}-gcc", f"AR={target}-ar"]
    shell("make", "-s", *tools, "all", "build/example", cwd=folder)
    emulator = [*load_cpu(cpu).emulator_command, "-L", f"/usr/{target}"]
    assert shell(*emulator, folder / "build" / "example") == PASSED
    assert (folder / NAME / f"lib{NAME}.so").is_file()
    x = np.arange(64, dtype=np.int8)
    done = subprocess.run([*emulator, folder / "build" / NAME, "-"], input=x.tobytes(), capture_output=True, check=True)
    graph = open_directory(compiled(cpu)).graph
    (y,) = run_integer(graph, [x.reshape(graph.inputs[0].shape)])
    quant = graph.outputs[0].quant
    assert quant is not None
    printed = np.array(done.stdout.split(), dtype=np.float32)
    assert printed == pytest.approx(quant.dequantize(y).reshape(-1), rel=1e-6)


def test_the_command_refuses_what_is_no_input(tmp_path: Path) -> None:
    folder = exported("raspberry-pi", tmp_path / "out", cpu="generic-c")
    flags = " ".join(["-O1", *WARNINGS])
    shell("make", "-s", f"CFLAGS={flags}", cwd=folder)
    (tmp_path / "short").write_bytes(bytes(63))
    for arguments, said in (
        ([], "usage"),
        (["short"], "short: does not hold 64 bytes"),
        (["nothing"], "nothing: No such"),
    ):
        command = [str(folder / "build" / NAME), *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    """A model with two inputs, one of them an image that is stored channels last, and an output of int32."""
    graph = quantized(parse_graph(MODEL, op_records()))
    folder = tmp_path_factory.mktemp("rich") / "rich"
    write_directory(make_plan(graph, ["avx2", "c"]), Origin("rich.onnx", "ab" * 32, "x86-64"), "rich", folder, b"")
    return open_directory(folder)


def test_python_gets_the_bytes_of_the_reference(rich: Directory, tmp_path: Path) -> None:
    assert any(value.model_perm for value in rich.graph.inputs)
    api.export(rich.path, "raspberry-pi", tmp_path / "out")
    shell("make", "-s", cwd=tmp_path / "out")
    samples = random_samples(rich.model_inputs(), 1)[0]
    for k, x in enumerate(samples):
        np.save(tmp_path / f"x{k}.npy", x)
    (tmp_path / "script.py").write_text(f"import sys\nsys.path.insert(0, 'out')\n{SCRIPT}")
    said = shell(sys.executable, "-I", "script.py", cwd=tmp_path)
    assert said.splitlines()[0] == "1 inputs, the network takes 2"
    assert "input 0 has (3,), the network takes" in said.splitlines()[1]
    stored = []
    for value, x in zip(rich.graph.inputs, samples, strict=True):
        assert value.quant is not None
        stored.append(value.quant.quantize(x if value.model_perm is None else x.transpose(value.model_perm)))
    for k, (value, y) in enumerate(zip(rich.graph.outputs, run_integer(rich.graph, stored), strict=True)):
        wanted = in_model_order(y.reshape(value.shape), value.model_perm)
        if value.dtype == "int8":
            assert value.quant is not None
            wanted = value.quant.dequantize(wanted)
        assert np.array_equal(np.load(tmp_path / f"y{k}.npy"), wanted)


def test_a_microcontrollers_kernels_give_way_to_portable_c(tmp_path: Path) -> None:
    result = api.export(compiled("cortex-m4"), "raspberry-pi", tmp_path / "out")
    assert result.kernels == "portable C"


@pytest.mark.parametrize("to", ["single-header", "weights-header", "make", "arduino"])
def test_several_inputs_and_outputs_in_other_formats(rich: Directory, to: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    api.export(rich.path, to, folder)
    if to == "weights-header":
        shell("gcc", *WARNINGS, "-Wno-unused-variable", "-std=c99", "-fsyntax-only", folder / "rich_parameters.h")
        return
    sources = sorted((folder / "src").rglob("*.c"))
    example = folder / ("examples/selftest/selftest.ino" if to == "arduino" else "example/main.c")
    if to == "arduino":
        assert "RICH_SAMPLE_CLASS" in example.read_text()
        return
    flags = ["-std=c99", "-mavx2", "-O1", f"-I{folder}", f"-I{folder / 'src'}"]
    shell("gcc", *flags, example, *sources, "-o", tmp_path / "app")
    assert shell(tmp_path / "app").startswith("self-test: passed\nclass ")
