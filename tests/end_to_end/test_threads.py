"""Layers on several threads: the pool, and whole models that give the same bytes as on one."""

import itertools
import os
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

from edgewright import api, demo
from edgewright.artifact import open_directory
from edgewright.contracts import Contract
from edgewright.contracts.movement import StackRowsS8
from edgewright.emit.calls import constant_bytes
from edgewright.ir import Graph, Node, Value
from edgewright.kernels import Goal
from edgewright.plan import MOST_THREADS, Plan, make_plan, shares, split
from edgewright.plan.split import SplitKernel, best_shares
from edgewright.quantize import run_integer
from edgewright.targets import load_cpu
from edgewright.validate.validation import open_place
from tests.harness.command import edgewright
from tests.harness.conv_cases import conv
from tests.harness.counting import needs_counts
from tests.harness.graph_strategies import STEPS, build_graph, quantized
from tests.harness.kernel_program import HERE, RUNTIME
from tests.harness.selftests import HOST, selftests
from tests.harness.shared_models import shared_file
from tests.plan.test_plan import run_in_arena
from tests.plan.test_strips import QUANT, residual
from tests.verbs.test_cli import relu_model

POOL = RUNTIME / "src" / "threads" / "ew_threads.c"
STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wcast-qual", "-Wundef", "-Werror"]


@pytest.fixture
def everything_is_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every layer that can be divided is, however small."""
    monkeypatch.setattr(split, "SHARE_COST", 1e-9)
    for blocks in ("OUTPUTS", "ELEMENTS", "PIXELS"):
        monkeypatch.setattr(shares, blocks, 1)


# ---- the pool ----


def stress(compiler: list[str], folder: Path) -> Path:
    """The stress program of the pool."""
    program = folder / "stress"
    sources = [str(HERE / "threads_program.c"), str(POOL)]
    command = [*compiler, "-std=gnu99", "-O1", "-g", f"-I{RUNTIME / 'src'}", *sources]
    subprocess.run([*command, "-Wl,--wrap=pthread_create", "-pthread", "-o", str(program)], check=True)
    return program


@pytest.mark.parametrize("most", [2, MOST_THREADS])
@pytest.mark.parametrize("compiler", [
    ["gcc", "-fsanitize=thread"],
    ["gcc", "-fsanitize=undefined", "-fno-sanitize-recover=all"],
], ids=["thread", "undefined"])  # fmt: skip
@pytest.mark.parametrize("fail_after", [None, 0, 1])
def test_every_share_runs_once(compiler: list[str], most: int, fail_after: int | None, tmp_path: Path) -> None:
    """With all threads, with one, with none; under a sanitizer that sees races."""
    environment = dict(os.environ) if fail_after is None else {**os.environ, "EW_TEST_FAIL_AFTER": str(fail_after)}
    forks = [] if "-fsanitize=thread" in compiler else ["fork"]  # which that sanitizer does not follow
    command = [str(stress(compiler, tmp_path)), str(most), *forks]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["cortex-a72", "cortex-a7"])
def test_every_share_runs_once_on_arm(name: str, tmp_path: Path) -> None:
    cpu = load_cpu(name)
    program = stress([cpu.compiler, *cpu.flags, "-static"], tmp_path)
    for most in (2, 4):
        # No fork: a child cannot start threads under QEMU 7.2 ("qemu_plugin_vcpu_init_hook: assertion failed").
        command = [*cpu.emulator_command, str(program), str(most)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "compiler", [["gcc"], ["clang"], ["aarch64-linux-gnu-gcc"], ["arm-linux-gnueabihf-gcc"]], ids=lambda c: c[0]
)
def test_the_pool_compiles_cleanly(compiler: list[str], tmp_path: Path) -> None:
    command = [*compiler, "-std=c99", "-pedantic", *STRICT, "-O2", "-c", str(POOL), "-o", str(tmp_path / "pool.o")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_limit_is_the_pools() -> None:
    assert f"#define EW_THREADS_MAX {MOST_THREADS}\n" in POOL.with_suffix(".h").read_text()


# ---- plans ----


def random_plans(count: int, first_seed: int, isas: tuple[str, ...]) -> dict[str, Plan]:
    """Plans of random graphs on two to four threads, by name."""
    found = {}
    for seed in range(first_seed, first_seed + count):
        rng = np.random.default_rng(seed)
        graph = quantized(build_graph([str(kind) for kind in rng.permutation(sorted(STEPS))], seed))
        found[f"g{seed}"] = make_plan(graph, isas, (Goal.BALANCED, Goal.RAM)[seed % 2], threads=2 + seed % 3)
    return found


def one_conv(height: int = 24) -> Node[Contract]:
    contract = conv(np.random.default_rng(1), (height, 16, 8), 16, (3, 3), pad=(1, 1, 1, 1)).contract
    x, y = (Value(name, (1, height, 16, c), "int8", None, QUANT) for name, c in (("x", 8), ("y", 16)))
    return Node(contract, [x], [y], "conv")


def test_shares_are_worth_their_threads() -> None:
    """24 rows of 294,912 multiply-accumulates in all; a light layer has no shares, a middling one has two."""
    kernel = make_plan(graph_of(one_conv()), ["c"]).layers[0].kernel
    assert len(best_shares(one_conv(), kernel, 4)) == 4
    assert len(best_shares(one_conv(), kernel, 3)) == 3
    assert len(best_shares(one_conv(2), kernel, 4)) == 2
    assert best_shares(one_conv(1), kernel, 4) == []


@pytest.mark.parametrize("cpu", ["x86-64", "cortex-a53", "cortex-a76", "cortex-a7"])
def test_threads_share_the_weights(cpu: str) -> None:
    isas = load_cpu(cpu).isas
    plain, threaded = make_plan(graph_of(one_conv(96)), isas), make_plan(graph_of(one_conv(96)), isas, threads=4)
    assert threaded.threads == 4
    assert constant_bytes(threaded) == constant_bytes(plain)


def graph_of(*nodes: Node[Contract]) -> Graph[Contract]:
    return Graph("g", [nodes[0].operand(0)], [nodes[-1].output], list(nodes))


def test_a_split_output_never_overlaps_its_input() -> None:
    plain, threaded = make_plan(graph_of(one_conv()), ["c"]), make_plan(graph_of(one_conv()), ["c"], threads=4)
    (x,), y = threaded.graph.inputs, threaded.graph.outputs[0]
    sizes = x.nbytes + y.nbytes
    assert plain.arena_bytes < sizes <= threaded.arena_bytes
    start, other = sorted((value for value in (x, y)), key=lambda value: threaded.offsets[value])
    assert threaded.offsets[start] + start.nbytes <= threaded.offsets[other]


def test_scratch_of_threads_is_apart(everything_is_heavy: None) -> None:
    plan = make_plan(residual(height=48, width=16), ["c"], threads=3)
    split_layers = [layer for layer in plan.layers if len(layer.runs) > 1]
    assert len(split_layers) > 3
    for layer in split_layers:
        assert isinstance(layer.kernel, SplitKernel)
        spans = [
            (run.scratch_offset, run.scratch_offset + layer.kernel.kernel.scratch_bytes(run.share.contract))
            for run in layer.runs
        ]
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
        assert spans[-1][1] <= plan.arena_bytes


@pytest.mark.parametrize("goal", [Goal.BALANCED, Goal.RAM])
@pytest.mark.parametrize("backwards", [False, True])
def test_the_order_of_shares_does_not_matter(everything_is_heavy: None, goal: Goal, backwards: bool) -> None:
    """Play plans on bytes; the residual one has strips, which are written over rows that are no longer needed."""
    plans = [make_plan(residual(height=48, width=16), ["c"], goal, threads=3)]
    plans += random_plans(12, 5000, ("c",)).values()
    assert {plan.threads for plan in plans} == {2, 3, 4}
    stacks = [node for node in plans[0].graph.nodes if isinstance(node.op, StackRowsS8)]
    strips = {v for node in stacks for v in node.inputs[:-1]}
    assert (goal is Goal.RAM) == bool(strips)
    assert all(len(layer.runs) == 1 for layer in plans[0].layers if layer.node.output in strips)
    for plan in plans:
        inputs = [np.random.default_rng(3).integers(-128, 128, v.shape, dtype=np.int8) for v in plan.graph.inputs]
        got = run_in_arena(plan, inputs, backwards=backwards)
        for output, want in zip(got, run_integer(plan.graph, inputs), strict=True):
            np.testing.assert_array_equal(output, want)


# ---- generated code ----


@pytest.mark.parametrize("sanitizer", ["thread", "address,undefined"])
@pytest.mark.parametrize("isas", [("c",), HOST.isas], ids=lambda isas: isas[0])
def test_random_models_pass_their_selftests(
    everything_is_heavy: None, isas: tuple[str, ...], sanitizer: str, tmp_path: Path
) -> None:
    made = random_plans(12, 3000 if isas == ("c",) else 4000, isas)
    names: set[type[Contract]] = {
        type(layer.contract) for plan in made.values() for layer in plan.layers if len(layer.runs) > 1
    }
    assert len(names) > 6
    options = ["-g", f"-fsanitize={sanitizer}", "-fno-sanitize-recover=all", *HOST.flags, "-pthread"]
    assert selftests(made, options, tmp_path, rounds=3) == (0, "")


def compile_demo(folder: Path, cpu: str, threads: int) -> api.Compiled:
    return api.compile(demo.model_path(), cpu, demo.calibration_path(), folder, name="digits", threads=threads)


def test_one_thread_generates_what_it_always_did(tmp_path: Path) -> None:
    compile_demo(tmp_path / "one", "x86-64", 1)
    api.compile(demo.model_path(), "x86-64", demo.calibration_path(), tmp_path / "none", name="digits")
    files = {str(path.relative_to(tmp_path / "none")) for path in (tmp_path / "none").rglob("*") if path.is_file()}
    for name in files:
        data = (tmp_path / "one" / name).read_bytes()
        assert data == (tmp_path / "none" / name).read_bytes()
        assert b"thread" not in data.lower()


@pytest.mark.parametrize(
    ("cpu", "threads"),
    [("x86-64", 2), ("x86-64", 3), ("x86-64", 4), ("cortex-a53", 2), ("cortex-a76", 3), ("cortex-a7", 4)],
)
def test_the_demo_gives_the_same_bytes(everything_is_heavy: None, cpu: str, threads: int, tmp_path: Path) -> None:
    compiled = compile_demo(tmp_path / "out", cpu, threads)
    assert compiled.threads == threads
    place = "host" if cpu == "x86-64" else "emulator"
    result = api.validate(tmp_path / "out", demo.held_out_path(), [place], limit=10)
    assert result.places[place].mismatched_bytes == 0


@pytest.mark.parametrize(
    ("cpu", "threads"), [("x86-64", 2), ("x86-64", 4), ("cortex-a72", 4), ("cortex-a76", 2), ("cortex-a7", 3)]
)
def test_keyword_spotting_gives_the_same_bytes(cpu: str, threads: int, tmp_path: Path) -> None:
    path = shared_file("mlperf_kws_dscnn", "model.onnx")
    compiled = api.compile(path, cpu, "random", tmp_path / "out", method="minmax", threads=threads)
    assert compiled.threads == threads
    assert 2 < sum(layer.threads > 1 for layer in compiled.manifest.layers) < len(compiled.manifest.layers)
    place = "host" if cpu == "x86-64" else "emulator"
    result = api.validate(tmp_path / "out", "random", [place], limit=3)
    assert result.places[place].mismatched_bytes == 0


@pytest.mark.parametrize(("cpu", "place"), [("x86-64", "host"), ("cortex-a53", "emulator"), ("cortex-a53", "host")])
def test_the_trace_sees_whole_layers(everything_is_heavy: None, cpu: str, place: str, tmp_path: Path) -> None:
    """Checksums after each layer, behind its last share; `host` of a Pi's directory splits its layers, too."""
    compile_demo(tmp_path / "out", cpu, 3)
    one = compile_demo(tmp_path / "one", cpu, 1)
    rng = np.random.default_rng(1)
    image: list[np.ndarray] = []
    traces = []
    for folder in ("out", "one"):
        with open_place(open_directory(tmp_path / folder), place) as runner:
            if not image:
                image = [rng.integers(-128, 128, t.shape, dtype=np.int8) for t in runner.manifest.inputs]
            traces.append([runner.trace(image) for _ in range(3)])
    assert len(traces[0][0]) == len(one.manifest.layers)
    assert traces[0] == traces[1]


def test_the_profile_counts_all_shares_on_one_thread(everything_is_heavy: None, tmp_path: Path) -> None:
    needs_counts("cortex-a53")
    compile_demo(tmp_path / "four", "cortex-a53", 4)
    compile_demo(tmp_path / "one", "cortex-a53", 1)
    four, again, one = (api.profile(tmp_path / name) for name in ("four", "four", "one"))
    assert four == again
    assert four.threads == 4
    assert "threads" not in one.to_json()
    assert sum(layer.instructions for layer in four.layers) == four.instructions
    assert four.instructions is not None
    assert one.instructions is not None
    assert one.instructions < four.instructions < 2 * one.instructions


def test_a_program_builds_with_cmake(everything_is_heavy: None, tmp_path: Path) -> None:
    compile_demo(tmp_path / "model", "x86-64", 2)
    (tmp_path / "main.c").write_text(
        '#include "digits.h"\nstatic int8_t arena[DIGITS_ARENA_BYTES] EW_ALIGNED(DIGITS_ARENA_ALIGN);\n'
        "int main(void) { return digits_selftest(arena); }\n"
    )
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.13)\nproject(app C)\nadd_subdirectory(model)\n"
        "add_executable(app main.c)\ntarget_link_libraries(app digits)\n"
    )
    build = tmp_path / "build"
    subprocess.run(["cmake", "-S", str(tmp_path), "-B", str(build)], capture_output=True, check=True)
    subprocess.run(["cmake", "--build", str(build)], capture_output=True, check=True)
    assert subprocess.run([str(build / "app")], check=False).returncode == 0


# ---- people ----


def test_the_command_line_says_what_runs_on_threads(tmp_path: Path) -> None:
    onnx.save(relu_model([1, 4, 100, 100]), tmp_path / "large.onnx")
    for model, says in (
        (tmp_path / "large.onnx", "up to 2, in 2 of 2 layers"),
        (demo.model_path(), "1: no heavy layer"),
    ):
        ask = ("compile", model, "-t", "cortex-a72", "--calib", "random", "-n", "net", "-o", tmp_path / "out")
        done = edgewright(*ask, "-j", 2)
        assert done.status == 0, done.err
        assert says in done.out
        assert "threads" not in edgewright(*ask).out
