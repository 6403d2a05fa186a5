"""The generated C: compilers accept it without a word, and what it computes is the reference.

One model with several inputs and outputs, one of them int32, is generated once, with portable kernels.
"""

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgewright.contracts import Contract
from edgewright.emit import Origin, write_directory
from edgewright.ir import Graph, Quant
from edgewright.ir.text import parse_graph
from edgewright.plan import Plan, make_plan
from edgewright.quantize import run_integer
from tests.harness.graph_strategies import op_records, quantized

MODEL = """graph 'rich' {
  input %image:f32[1,3,6,6]
  input %vector:f32[1,4]
  %w:f32[8,3,3,3] = const(seed=1)
  %d:f32[8,1,3,3] = const(seed=2)
  %f:f32[6,8] = const(seed=3)
  %slope:f32[1,6] = const(0.5, -2.0, 1.0, 0.25, 3.0, 0.1)
  %a:f32[1,8,6,6] = conv(%image, %w, none) {window=Window((3, 3), pads=(1, 1, 1, 1)), clamp=Clamp(0.0)} 'conv'
  %b:f32[1,8,3,3] = conv(%a, %d, none) {window=Window((3, 3), (2, 2), (1, 1), (1, 1, 1, 1)), groups=8} 'depthwise'
  %p:f32[1,8,2,2] = average_pool(%b) {window=Window((2, 2))} 'pool'
  %m:f32[1,8,1,1] = reduce(%p) {function='mean', axes=(2, 3)} 'mean'
  %r:f32[1,8] = reshape(%m) {shape=(1, 8)} 'flat'
  %h:f32[1,6] = dense(%r, %f, none) 'dense'
  %s:f32[1,6] = mul(%h, %slope) 'scale'
  %t:f32[1,6] = unary(%s) {function='Tanh'} 'tanh'
  %c:f32[1,10] = concat(%t, %vector) {axis=1} 'concat'
  %y:f32[1,10] = softmax(%c) {axis=1} 'softmax'
  %i:i32[1,1] = arg_max(%y) {axis=1} 'best'
  output %y
  output %i
  output %t
}"""
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
COMPILERS = {
    "gcc": ["gcc", "-std=c99", "-pedantic"],
    "clang": ["clang", "-std=c99", "-pedantic"],
    "g++": ["g++", "-std=c++17", "-x", "c++"],
    "clang++": ["clang++", "-std=c++17", "-x", "c++"],
}
EW_OK, EW_EARENA_NULL, EW_EARENA_SMALL, EW_EARENA_ALIGN, EW_ESELFTEST = 0, -1, -2, -3, -5


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    """The folder of the generated model, and its plan."""
    graph = quantized(parse_graph(MODEL, op_records()))
    plan = make_plan(graph, ["c"])
    folder = tmp_path_factory.mktemp("rich") / "out"
    write_directory(plan, Origin("rich.onnx", "ab" * 32, "x86-64"), "rich", folder, b"")
    return folder, plan


def includes(folder: Path) -> list[str]:
    return [f"-I{folder}", f"-I{folder / 'runtime/include'}", f"-I{folder / 'runtime/src'}"]


def c_files(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.rglob("*.c"))]


# ---- compilers ----


@pytest.mark.parametrize("compiler", COMPILERS)
def test_compiles_without_a_word(rich: tuple[Path, Plan], compiler: str) -> None:
    folder, _ = rich
    command = [*COMPILERS[compiler], *WARNINGS, "-O1", "-fsyntax-only", *includes(folder)]
    files = c_files(folder) if "++" not in compiler else [str(path) for path in sorted(folder.glob("*.c"))]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_cpp_program_links_and_runs_it(rich: tuple[Path, Plan], tmp_path: Path) -> None:
    """An Arduino sketch or an ESP-IDF component is C++ around these C files."""
    folder, _ = rich
    (tmp_path / "app.cpp").write_text(
        '#include "rich.h"\n#include <array>\n'
        "alignas(RICH_ARENA_ALIGN) static std::array<int8_t, RICH_ARENA_BYTES> arena;\n"
        "int main() { return rich_selftest(arena.data()) == EW_OK && rich_quantize_input(0.0f) == RICH_INPUT0_ZERO"
        " && rich_dequantize_output(RICH_OUTPUT0_ZERO) == 0.0f ? 0 : 1; }\n"
    )
    objects = []
    for number, source in enumerate(c_files(folder)):
        objects.append(str(tmp_path / f"{number}.o"))
        subprocess.run(["gcc", "-std=c99", "-O1", *includes(folder), "-c", source, "-o", objects[-1]], check=True)
    command = ["g++", "-std=c++17", *WARNINGS, *includes(folder), str(tmp_path / "app.cpp"), *objects]
    subprocess.run([*command, "-o", str(tmp_path / "app")], check=True)
    assert subprocess.run([str(tmp_path / "app")], check=False).returncode == 0


def test_touches_nothing_beside_its_arena(rich: tuple[Path, Plan], tmp_path: Path) -> None:
    """Under both sanitizers, in an arena of exactly the stated size on the heap."""
    folder, _ = rich
    (tmp_path / "main.c").write_text(
        '#include "rich.h"\n#include <stdlib.h>\n'
        "int main(void) { void *arena = NULL; int status;\n"
        "  if (posix_memalign(&arena, RICH_ARENA_ALIGN, RICH_ARENA_BYTES)) return 9;\n"
        "  status = rich_selftest(arena); free(arena); return status == EW_OK ? 0 : 1; }\n"
    )
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    command = ["gcc", "-std=gnu99", "-O1", *sanitizers, *includes(folder), str(tmp_path / "main.c"), *c_files(folder)]
    subprocess.run([*command, "-o", str(tmp_path / "main")], check=True)
    done = subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_of_the_heap_or_of_stdio_is_used_and_nothing_global_is_written(
    rich: tuple[Path, Plan], tmp_path: Path
) -> None:
    folder, _ = rich
    command = ["gcc", "-std=c99", "-O1", "-fno-pic", *includes(folder), "-c", *c_files(folder)]
    subprocess.run(command, cwd=tmp_path, check=True)
    objects = sorted(str(path) for path in tmp_path.glob("*.o"))
    text = subprocess.run(["nm", *objects], capture_output=True, text=True, check=True).stdout
    symbols = [line.split()[-2:] for line in text.splitlines() if len(line.split()) > 1]
    defined = {name for kind, name in symbols if kind != "U"}
    assert {name for kind, name in symbols if kind == "U"} - defined <= {"memcpy", "memset", "memmove"}
    assert [name for kind, name in symbols if kind in "dDbBC"] == []


# ---- behaviour ----


def shared_library(folder: Path, target: Path) -> Path:
    """All C files of a directory as one shared library."""
    command = ["gcc", "-std=c99", "-O1", "-shared", "-fPIC", *includes(folder), *c_files(folder)]
    subprocess.run([*command, "-o", str(target)], check=True)
    return target


class Instance:
    """One instance of the generated model with its own arena between two guards."""

    def __init__(self, library: ctypes.CDLL, plan: Plan) -> None:
        self.library, self.plan = library, plan
        self.memory = np.full(plan.arena_bytes + 192, 0x77, dtype=np.uint8)
        self.start = 64 + (-(self.memory.ctypes.data + 64)) % 16
        self.self = ctypes.c_void_p()
        assert self.init(plan.arena_bytes) == EW_OK

    @property
    def address(self) -> int:
        return self.memory.ctypes.data + self.start

    def init(self, size: int, shift: int = 0) -> int:
        arena = ctypes.c_void_p(self.address + shift)
        return int(self.library.rich_init(ctypes.byref(self.self), arena, ctypes.c_size_t(size)))

    def run(self, inputs: list[np.ndarray]) -> list[np.ndarray]:
        for index, data in enumerate(inputs):
            ctypes.memmove(self.library.rich_input(ctypes.byref(self.self), index), data.tobytes(), data.nbytes)
        assert self.library.rich_run(ctypes.byref(self.self)) == EW_OK
        return self.outputs()

    def outputs(self) -> list[np.ndarray]:
        found = []
        for index, value in enumerate(self.plan.graph.outputs):
            at = self.library.rich_output(ctypes.byref(self.self), index)
            found.append(np.frombuffer(ctypes.string_at(at, value.nbytes), value.dtype).reshape(value.shape))
        return found

    def guards_are_whole(self) -> bool:
        end = self.start + self.plan.arena_bytes
        return bool(np.all(self.memory[: self.start] == 0x77) and np.all(self.memory[end:] == 0x77))


@pytest.fixture(scope="module")
def library(rich: tuple[Path, Plan], tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    loaded = ctypes.CDLL(str(shared_library(rich[0], tmp_path_factory.mktemp("lib") / "rich.so")))
    loaded.rich_input.restype = loaded.rich_output.restype = ctypes.c_void_p
    return loaded


def random_inputs(graph: Graph[Contract], seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(-128, 128, value.shape, dtype=np.int8) for value in graph.inputs]


def test_outputs_are_the_references(rich: tuple[Path, Plan], library: ctypes.CDLL) -> None:
    _, plan = rich
    instance = Instance(library, plan)
    assert [value.dtype for value in plan.graph.outputs] == ["int8", "int32", "int8"]
    for seed in range(20):
        inputs = random_inputs(plan.graph, seed)
        for got, want in zip(instance.run(inputs), run_integer(plan.graph, inputs), strict=True):
            np.testing.assert_array_equal(got, want)
    assert instance.guards_are_whole()


def test_two_instances_do_not_disturb_each_other(rich: tuple[Path, Plan], library: ctypes.CDLL) -> None:
    _, plan = rich
    first, second = Instance(library, plan), Instance(library, plan)
    inputs = [random_inputs(plan.graph, seed) for seed in (1, 2)]
    wanted = [run_integer(plan.graph, x) for x in inputs]
    first.run(inputs[0])
    before = first.memory.copy()
    second.run(inputs[1])
    np.testing.assert_array_equal(first.memory, before)
    for instance, want in ((first, wanted[0]), (second, wanted[1])):
        for got, expected in zip(instance.outputs(), want, strict=True):
            np.testing.assert_array_equal(got, expected)


def test_error_codes_of_init(rich: tuple[Path, Plan], library: ctypes.CDLL) -> None:
    _, plan = rich
    instance = Instance(library, plan)
    assert instance.init(plan.arena_bytes + 100) == EW_OK
    assert instance.init(plan.arena_bytes - 1) == EW_EARENA_SMALL
    assert instance.init(plan.arena_bytes, shift=8) == EW_EARENA_ALIGN
    null, size = ctypes.c_void_p(), ctypes.c_size_t(plan.arena_bytes)
    assert library.rich_init(ctypes.byref(instance.self), null, size) == EW_EARENA_NULL
    assert library.rich_init(null, ctypes.c_void_p(instance.address), size) == EW_EARENA_NULL


def test_an_index_that_does_not_exist_is_a_null_pointer(rich: tuple[Path, Plan], library: ctypes.CDLL) -> None:
    instance = Instance(library, rich[1])
    assert library.rich_input(ctypes.byref(instance.self), 2) is None
    assert library.rich_output(ctypes.byref(instance.self), 3) is None
    assert library.rich_output(ctypes.byref(instance.self), 0xFFFFFFFF) is None


def test_selftest_passes_and_needs_an_arena(rich: tuple[Path, Plan], library: ctypes.CDLL) -> None:
    instance = Instance(library, rich[1])
    assert library.rich_selftest(ctypes.c_void_p(instance.address)) == EW_OK
    assert library.rich_selftest(None) == EW_EARENA_NULL
    assert library.rich_selftest(ctypes.c_void_p(instance.address + 4)) == EW_EARENA_ALIGN
    assert instance.guards_are_whole()


def test_selftest_notices_one_changed_weight(rich: tuple[Path, Plan], tmp_path: Path) -> None:
    """What a worn flash cell does."""
    folder, plan = rich
    shutil.copytree(folder, tmp_path / "out")
    weights = tmp_path / "out" / "rich_weights.c"
    head, opening, body = weights.read_text().partition("{\n    ")
    first, comma, rest = body.partition(",")
    weights.write_text(f"{head}{opening}{-int(first, 0) or 77}{comma}{rest}")
    changed = ctypes.CDLL(str(shared_library(tmp_path / "out", tmp_path / "changed.so")))
    arena = np.zeros(plan.arena_bytes + 16, dtype=np.int8)
    address = arena.ctypes.data + (-arena.ctypes.data) % 16
    assert changed.rich_selftest(ctypes.c_void_p(address)) == EW_ESELFTEST


def test_conversions_round_as_the_quantizer(rich: tuple[Path, Plan], tmp_path: Path) -> None:
    """Applications and the float model must see the same inputs."""
    folder, plan = rich
    (tmp_path / "convert.c").write_text(
        '#include "rich.h"\nint8_t q(float x);\nint8_t q(float x) { return rich_quantize_input(x); }\n'
        "float d(int8_t x);\nfloat d(int8_t x) { return rich_dequantize_output2(x); }\n"
    )
    command = ["gcc", "-std=c99", "-O1", "-shared", "-fPIC", *includes(folder), str(tmp_path / "convert.c")]
    subprocess.run([*command, "-o", str(tmp_path / "convert.so")], check=True)
    convert = ctypes.CDLL(str(tmp_path / "convert.so"))
    convert.q.argtypes, convert.q.restype = [ctypes.c_float], ctypes.c_int8
    convert.d.argtypes, convert.d.restype = [ctypes.c_int8], ctypes.c_float
    into, out = plan.graph.inputs[0].quant, plan.graph.outputs[2].quant
    assert into is not None
    assert out is not None
    values = np.random.default_rng(0).normal(0, 1.5, 500).astype(np.float32)
    values = np.concatenate([values, np.array([0, np.inf, -np.inf, 1e30, -1e30], np.float32), halves(into)])
    wanted = np.clip(np.rint(values / np.float32(into.scale)) + into.zero, -128, 127).astype(np.int8)
    assert [convert.q(float(x)) for x in values] == wanted.tolist()
    q = np.arange(-128, 128, dtype=np.int8)
    assert [convert.d(int(x)) for x in q] == out.dequantize(q).tolist()


def halves(quant: Quant) -> np.ndarray:
    """Values in the middle between two steps."""
    return (np.arange(-20, 20, dtype=np.float32) + np.float32(0.5)) * np.float32(quant.scale)
