"""The runner on every emulated board and CPU, and what becomes of programs that crash there."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest

from edgewright.artifact import read_manifest
from edgewright.build import build, load_result
from edgewright.errors import BudgetError, LinkError, ToolError, UsageError
from edgewright.run import Runner, open_runner
from edgewright.run.emulator import Line, open_emulator
from edgewright.run.remote import RemoteRunner
from edgewright.targets import cpu_names, load_board, load_cpu
from tests.harness.emulated import EMULATED_BOARDS
from tests.harness.stub_model import stub_inputs, stub_reference, write_stub_model

LINUX = [name for name in cpu_names() if load_cpu(name).arch == "linux"]


def check(runner: Runner) -> None:
    """Outputs, trace and one layer against the reference."""
    for seed in range(3):
        inputs = stub_inputs(seed)
        layers = stub_reference(inputs)
        last, first = runner.infer(inputs)
        np.testing.assert_array_equal(last.reshape(-1), layers[2])
        np.testing.assert_array_equal(first.reshape(-1), layers[0])
    assert runner.trace(inputs) == [zlib.crc32(layer.tobytes()) for layer in layers]
    assert len(runner.last_layer_times) == 3
    assert [runner.layer_output(i) for i in range(3)] == [layer.tobytes() for layer in layers]
    assert runner.selftest() == 0


@pytest.mark.parametrize("line", [Line.FILES, Line.UART])
@pytest.mark.parametrize("board", EMULATED_BOARDS)
def test_every_board_gives_the_reference_bytes(board: str, line: Line, tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", load_board(board).cpu, board)
    built = build(directory)
    with open_emulator(read_manifest(directory), built, line=line) as runner:
        check(runner)
        assert (runner.info.board, runner.info.cpu) == (board, load_board(board).cpu)
        assert runner.last_cost.time is None, "an emulator has no clock worth reading"
        stack = runner.last_cost.stack_bytes
        assert stack
        assert 16 <= stack <= 512
        runner.reset()
        assert (runner.info.boot_count, runner.info.reset_cause) == (2, "requested")
        check(runner)
        stats = runner.stats()
        assert stack < stats.stack_used_bytes < stats.stack_bytes == load_board(board).stack_bytes
        assert (stats.bytes_lost, stats.frames_rejected) == (0, 0)


def test_a_machine_that_qemu_does_not_have_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "boards").mkdir()
    text = load_board("netduinoplus2").file.read_text()
    (tmp_path / "boards" / "mine.toml").write_text(text.replace('"netduinoplus2"', '"netduinoplus9"'))
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", str(tmp_path))
    directory = write_stub_model(tmp_path / "stub", "cortex-m4", "mine")
    build(directory)
    with pytest.raises(ToolError, match=r"qemu-system-arm: unsupported machine type.*; install a newer QEMU"):
        open_runner(directory, "emulator")


@pytest.mark.parametrize("cpu", LINUX)
def test_every_linux_cpu_gives_the_reference_bytes(cpu: str, tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", cpu)
    build(directory)
    with open_runner(directory, "emulator") as runner:
        check(runner)


def test_a_raspberry_pi_is_a_board_whose_programs_are_its_cpus(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-a53", "raspberry-pi-3")
    build(directory)
    manifest = read_manifest(directory)
    assert (manifest.target.name, manifest.target.link_board) == ("raspberry-pi-3", None)
    with open_runner(directory, "emulator") as runner:
        check(runner)


def test_the_host_gives_the_reference_bytes(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "x86-64")
    build(directory)
    with open_runner(directory, "host") as runner, open_runner(directory, "host") as other:
        check(runner)
        kept = runner.infer(stub_inputs(5))
        other.infer(stub_inputs(6))
        again = runner.infer(stub_inputs(5))
        assert [a.tobytes() for a in kept] == [a.tobytes() for a in again]


#: Code at the start of a run, and what the host says: with fault status registers, and on Armv6-M without.
CRASHES = {
    "undefined instruction": ('__asm__ volatile(".short 0xDEFE");', "undefined instruction", "unaligned access, bad"),
    "null call": ("((void (*)(void))self->arena[0])();", "call of a null pointer: .* at pc 0x00000000", ""),
    "division by zero": (
        "volatile int zero = 0; if (self->arena[0] / zero == 77) { return 1; }",
        *("division by zero: (Usage|Hard)Fault at pc", "division by zero: HardFault at pc .*idiv0"),
    ),
    "unaligned access": (
        '__asm__ volatile("ldm %0, {r2, r3}" ::"l"((const char *)self->arena + 1) : "r2", "r3");',
        *("unaligned access: (Usage|Hard)Fault at pc .*stub_run", "unaligned access, bad address or no"),
    ),
    "stack overflow": (
        "volatile uint8_t deep[9000]; for (unsigned i = 9000; i-- > 0;) { deep[i] = (uint8_t)i; }",
        *("stack overflow: ", "stack overflow: |emulator: ended with signal 6: .*fatal"),
    ),
    "endless loop": ('for (;;) { __asm__ volatile(""); }', "did not end in its time: PendSV at pc .*stub_run", ""),
    "lockup": ('__asm__ volatile("cpsid i\\n bkpt 1"); ', "program faulted|emulator: ended with", ""),
}
#: One core of each kind of fault and of stack guard.
CRASHING = ["mps2-an386", "mps2-an505", "microbit"]


@pytest.mark.parametrize("board", CRASHING)
@pytest.mark.parametrize("crash", CRASHES)
def test_a_crash_is_one_clear_error(board: str, crash: str, tmp_path: Path) -> None:
    body, message, on_armv6m = CRASHES[crash]
    directory = write_stub_model(tmp_path / "stub", load_board(board).cpu, board, run_first=body)
    built = build(directory)
    told = on_armv6m or message if load_board(board).cpu == "cortex-m0plus" else message
    for line in (Line.UART, Line.FILES) if crash == "stack overflow" else (Line.UART,):
        with (
            open_emulator(read_manifest(directory), built, line=line, run_s=0.3) as runner,
            pytest.raises(LinkError, match=told) as caught,
        ):
            runner.infer([np.zeros_like(each) for each in stub_inputs(1)])
        assert "\n" not in str(caught.value)
        runner.close()


@pytest.mark.parametrize("board", ["mps2-an385", "mps2-an386", "mps2-an500"])
def test_an_overflow_into_memory_that_is_there_is_caught(
    board: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the stack lies other RAM, which a guard of the MPU keeps; without it the run would go on."""
    (tmp_path / "boards").mkdir()
    text = (
        load_board(board)
        .file.read_text()
        .replace("base = 0x2000_0000, bytes = 0x40", "base = 0x2010_0000, bytes = 0x30")
    )
    (tmp_path / "boards" / "mine.toml").write_text(text)
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", str(tmp_path))
    deep = "volatile uint8_t deep[9000]; for (unsigned i = 9000; i-- > 0;) { deep[i] = (uint8_t)i; }"
    directory = write_stub_model(tmp_path / "stub", load_board(board).cpu, "mine", run_first=deep)
    built = build(directory)
    with (
        open_emulator(read_manifest(directory), built) as runner,
        pytest.raises(LinkError, match="the program faulted: stack overflow: "),
    ):
        runner.infer(stub_inputs(1))


def test_a_failed_selftest_is_told(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4", run_first="self->arena[0] ^= 1;")
    build(directory)
    with open_runner(directory, "emulator") as runner:
        assert runner.selftest() == -5, "EW_ESELFTEST"


def test_a_fault_is_cleared_by_a_reset(tmp_path: Path) -> None:
    once = "static int8_t done; if (self->arena[0] == 77 && !done) { done = 1; __builtin_trap(); }"
    directory = write_stub_model(tmp_path / "stub", "cortex-m4", run_first=once)
    build(directory)
    inputs = stub_inputs(1)
    inputs[0][0] = 77
    with open_runner(directory, "emulator") as runner:
        assert isinstance(runner, RemoteRunner)
        with pytest.raises(LinkError, match="faulted"):
            runner.infer(inputs)
        runner.reset()
        assert runner.infer(stub_inputs(2))


def test_a_model_that_never_ends_is_an_error(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-a53", run_first='for (;;) { __asm__ volatile(""); }')
    built = build(directory)
    with (
        open_emulator(read_manifest(directory), built, run_s=0.5) as runner,
        pytest.raises(LinkError, match=r"no answer to RUN within 5\.5 s"),
    ):
        runner.infer(stub_inputs(1))


def test_an_emulator_that_dies_at_once_is_an_error(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    built = build(directory)
    assert built.elf
    built.elf.write_bytes(b"\x7fELF" + bytes(60))
    with pytest.raises(LinkError, match="emulator: ended with"):
        open_runner(directory, "emulator")


def test_inputs_are_checked_before_they_are_sent(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-a53")
    build(directory)
    with open_runner(directory, "emulator") as runner:
        with pytest.raises(UsageError, match="1 inputs given, the model has 2"):
            runner.infer(stub_inputs(1)[:1])
        with pytest.raises(UsageError, match=r"input 'left': float64 \[10\] given, needs int8 \[1, 10\]"):
            runner.infer([stub_inputs(1)[0].astype(float), stub_inputs(1)[1]])
        with pytest.raises(UsageError, match="nothing was traced"):
            runner.layer_output(0)


def test_places_and_directories_are_checked(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    with pytest.raises(UsageError, match="not built; run: edgewright build"):
        open_runner(directory, "emulator")
    with pytest.raises(UsageError, match="place 'moon': none of"):
        open_runner(directory, "moon")
    build(directory)
    with pytest.raises(UsageError, match="compiled for cortex-m4, not the host"):
        open_runner(directory, "host")
    shutil.rmtree(directory / "runtime")
    assert load_result(directory).flash_bytes


def test_a_runner_that_does_not_fit_leaves_the_minimal_program(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m0plus", "microbit")
    header = (directory / "stub.h").read_text()
    (directory / "stub.h").write_text(header.replace("STUB_ARENA_BYTES   48", "STUB_ARENA_BYTES   13500"))
    result = build(directory)
    assert result.minimal_elf
    assert result.elf is None
    with pytest.raises(BudgetError, match=r"stub on microbit: runner\.elf exceeds RAM by [\d,]+ bytes"):
        open_runner(directory, "emulator")
