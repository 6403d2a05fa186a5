"""Counted instructions, loads and stores: exact, and dealt out to the right layers."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from edgewright.artifact import Directory, read_manifest
from edgewright.build import build
from edgewright.build.disassembly import disassemble
from edgewright.build.elf import function
from edgewright.errors import ToolError, UsageError
from edgewright.ir import Graph
from edgewright.profile import count
from edgewright.profile.count import layer_costs
from edgewright.profile.plugin import API, Call, Counts, Measurement, Probe, measure, parse, run_counting
from edgewright.targets import FlashTiming, cpu_names, load_cpu, resolve_target
from edgewright.validate.timing import Timing
from edgewright.verbs.profile import profile
from tests.harness.counting import needs_counts
from tests.harness.stub_model import write_stub_model

#: A kernel of known cost: 10 turns of 5 instructions with a load and a store each, and 4 around them.
A32_KERNEL = """
    .syntax unified
    .section .text.ew_fc_s8,"ax",%progbits
    .@STATE@
    .global ew_fc_s8
    .type ew_fc_s8, %function
ew_fc_s8:
    movs r3, #10
    nop
1:  ldrb r0, [r1]
    strb r0, [r2]
    nop
    subs r3, r3, #1
    bne 1b
    nop
    bx lr
    .size ew_fc_s8, . - ew_fc_s8
"""
A64_KERNEL = """
    .section .text.ew_fc_s8,"ax",%progbits
    .global ew_fc_s8
    .type ew_fc_s8, %function
ew_fc_s8:
    mov w3, #10
    nop
1:  ldrb w4, [x1]
    strb w4, [x2]
    nop
    subs w3, w3, #1
    b.ne 1b
    nop
    ret
    .size ew_fc_s8, . - ew_fc_s8
"""
#: Reads 64 bytes of flash word by word, behind three unaligned reads that take 2 + 1 + 1 accesses more.
FLASH_READER = """
    .syntax unified
    .section .text.ew_fc_s8,"ax",%progbits
    .thumb
    .global ew_fc_s8
    .type ew_fc_s8, %function
    .thumb_func
    .balign 32
ew_fc_s8:
    adr r1, table
    movs r3, #16
    ldr r0, [r1, #1]
    ldr r0, [r1, #2]
    ldrh r0, [r1, #3]
1:  ldr r0, [r1]
    adds r1, #4
    subs.w r3, r3, #1
    bne 1b
    bx lr
    .balign 32
table:
    .space 64
    .size ew_fc_s8, . - ew_fc_s8
"""
#: Pairs of registers, which newer versions of QEMU access at once. A loop in which a short instruction stands before
#: a long one that crosses a page of 1024 bytes: QEMU 7.2 says that the short one has 4 bytes.
PAIRS_AND_PAGES = """
    .syntax unified
    .section .text.ew_fc_s8,"ax",%progbits
    .thumb
    .global ew_fc_s8
    .type ew_fc_s8, %function
    .thumb_func
    .balign 1024
ew_fc_s8:
    adr r1, table
    ldrd r2, r3, [r1]
    push {r2, r3}
    strd r2, r3, [sp]
    pop {r2, r3}
    movs r3, #4
    b.w 1f
    .balign 1024
    .space 1018
1:  nop
    nop
    movw r2, #1
    subs r3, r3, #1
    bne 1b
    bx lr
    .balign 4
table:
    .word 1, 2
    .size ew_fc_s8, . - ew_fc_s8
"""
KERNEL_INSTRUCTIONS, KERNEL_LOADS, KERNEL_STORES = 54, 10, 10


def with_known_kernel(folder: Path, cpu: str, kernel: str = "") -> Path:
    """The stub model with a kernel whose cost is known; it is built."""
    directory = write_stub_model(folder / "stub", cpu)
    target = load_cpu(cpu)
    a32 = A32_KERNEL.replace("@STATE@", "arm" if "-marm" in target.flags else "thumb")
    known = A64_KERNEL if target.compiler.startswith("aarch64") else a32
    (directory / "runtime" / "src" / "c" / "ew_fc_s8.S").write_text(kernel or known)
    path = directory / "stub_manifest.json"
    path.write_text(path.read_text().replace("ew_fc_s8.c", "ew_fc_s8.S"))
    build(directory)
    return directory


@pytest.mark.parametrize("cpu", [name for name in cpu_names() if load_cpu(name).arch != "host"])
def test_counts_are_exact(cpu: str, tmp_path: Path) -> None:
    needs_counts(cpu)
    directory = with_known_kernel(tmp_path, cpu)
    built = build(directory)
    assert built.minimal_elf
    code = disassemble(built.minimal_elf, load_cpu(cpu).compiler)
    run = function(built.minimal_elf, "stub_run")
    assert run
    inside = [code.instructions[a] for a in range(run.address, run.end) if a in code.instructions]
    own = [i for i in inside if not i.mnemonic.startswith(".")]
    profile = count(directory)
    assert profile.instructions == len(own) + 3 * KERNEL_INSTRUCTIONS, "stub_run has no branches: each instruction once"
    assert sum(layer.instructions for layer in profile.layers) == profile.instructions
    for layer in profile.layers:
        assert (layer.loads, layer.stores) == (KERNEL_LOADS, KERNEL_STORES)
        assert KERNEL_INSTRUCTIONS + 3 <= layer.instructions <= KERNEL_INSTRUCTIONS + 20
    assert profile.loads > 3 * KERNEL_LOADS
    assert profile.stores > 3 * KERNEL_STORES


@pytest.fixture(scope="module")
def flash_reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_known_kernel(tmp_path_factory.mktemp("flash"), "cortex-m4", FLASH_READER)


def with_flash(directory: Path, flash: FlashTiming) -> tuple[Measurement, int, int]:
    """The run with that flash, and how many lines the kernel waited for: by its data and by its code."""
    program = build(directory).minimal_elf
    assert program
    run, kernel = function(program, "stub_run"), function(program, "ew_fc_s8")
    assert run
    assert kernel
    stop = function(program, "ew_halt")
    probe = Probe(run.address, run.end, stop.address if stop else 0)
    measured = measure(resolve_target("cortex-m4"), program, probe, directory, each=True, flash=flash)
    inside = [place for place in measured.places if kernel.address <= place.address < kernel.end]
    data = sum(place.misses for place in inside if place.loads)
    return measured, data, sum(place.misses for place in inside) - data


@pytest.mark.parametrize(
    ("flash", "data", "code"),
    [
        (FlashTiming(5, line_bytes=8, code_lines=64, data_lines=1), 3 * 8, 1),
        (FlashTiming(5, line_bytes=8, code_lines=64, data_lines=64), 8, 1),
        (FlashTiming(5, line_bytes=32, code_lines=64, data_lines=1), 3 * 2, 1),
        (FlashTiming(5, line_bytes=8, code_lines=64, data_lines=64, ways=2, prefetch=False), 8, 4),
        (FlashTiming(5, line_bytes=8, code_lines=64, data_lines=0, prefetch=False), 8, 4),
        (FlashTiming(5, line_bytes=8, code_lines=1, data_lines=64, prefetch=False), 8, 3 * (4 + 15 * 2)),
        (FlashTiming(0, line_bytes=8, code_lines=1, data_lines=1), 0, 0),
    ],
    ids=["one line", "many lines", "long lines", "two ways", "shared", "one line of code", "no waits"],
)
def test_lines_of_flash_are_waited_for_once_unless_they_were_replaced(
    flash_reader: Path, flash: FlashTiming, data: int, code: int
) -> None:
    """Three calls read a table of 64 bytes. Their 26 bytes of code are four lines of 8, the loop two of them."""
    _, data_misses, code_misses = with_flash(flash_reader, flash)
    assert (data_misses, code_misses) == (data, code)


def test_unaligned_data_is_counted_in_accesses(flash_reader: Path) -> None:
    measured, _, _ = with_flash(flash_reader, FlashTiming())
    assert sum(place.splits for place in measured.places) == 3 * (2 + 1 + 1)


@pytest.mark.parametrize("cpu", ["cortex-m4", "cortex-m55"])
def test_what_versions_of_the_emulator_report_differently_is_counted_alike(cpu: str, tmp_path: Path) -> None:
    directory = with_known_kernel(tmp_path, cpu, PAIRS_AND_PAGES)
    program = build(directory).minimal_elf
    assert program
    run, kernel = function(program, "stub_run"), function(program, "ew_fc_s8")
    assert run
    assert kernel
    stop = function(program, "ew_halt")
    probe = Probe(run.address, run.end, stop.address if stop else 0)
    measured = measure(resolve_target(cpu), program, probe, directory, each=True)
    inside = {place.address: place for place in measured.places if kernel.address <= place.address < kernel.end}
    assert [call.cost for call in measured.calls] == [Counts(7 + 4 * 5 + 1, 4, 4)] * 3
    assert sum(place.loads for place in inside.values()) == 3 * 4
    crossing = kernel.address // 1024 * 1024 + 2 * 1024 - 2
    assert [(inside[a].bytes, inside[a].taken) for a in (crossing - 2, crossing)] == [(2, 0), (4, 0)]


def test_counts_repeat(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    build(directory)
    assert count(directory) == count(directory)


def test_a_manifest_with_other_calls_is_refused(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    path = directory / "stub_manifest.json"
    data = json.loads(path.read_text())
    data["layers"][1]["calls"] = 2
    path.write_text(json.dumps(data))
    build(directory)
    with pytest.raises(ToolError, match="stub_run: made 3 calls, the manifest has 4"):
        count(directory)


@pytest.mark.parametrize(
    ("body", "message"),
    [("__builtin_trap();", "the program faulted"), ("return -4;", "the program faulted")],
    ids=["trap", "error code"],
)
def test_a_program_that_fails_is_an_error(body: str, message: str, tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4", run_first=body)
    build(directory)
    with pytest.raises(ToolError, match=message):
        count(directory)


def test_the_host_has_nothing_to_count_on(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "x86-64")
    build(directory)
    with pytest.raises(UsageError, match="has no emulator to count on"):
        count(directory)


@pytest.mark.parametrize(
    ("place", "counter", "unit"),
    [
        ("host", "nanoseconds", "host-time"),
        ("ssh:pi@board", "nanoseconds", "device-time"),
        ("device:/dev/ttyACM0", "cycles", "device-cycles"),
    ],
)
def test_a_time_says_what_it_is(
    place: str, counter: str, unit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_stub_model(tmp_path / "stub", "cortex-a53")
    opened = Directory(path, read_manifest(path), Graph("stub"))
    monkeypatch.setattr("edgewright.verbs.profile.open_directory", lambda path: opened)
    monkeypatch.setattr("edgewright.verbs.profile.timed", lambda opened, place: Timing(1200, counter, 51))
    measured = profile(path, place)
    assert (measured.unit, measured.time, measured.time_unit) == (unit, 1200, counter)


def test_an_emulator_that_asks_for_a_newer_api_gets_it(tmp_path: Path) -> None:
    """What the loader of QEMU 11.1 says to a plugin of API 2."""
    emulator = tmp_path / "qemu"
    emulator.write_text(
        f"""#!/bin/sh
if [ "${API}" != 7 ]; then
    echo "plugin p: plugin requires API version 2, but this QEMU supports only a minimum version of 7" >&2
    exit 1
fi
echo "$@"
"""
    )
    emulator.chmod(0o755)
    done = run_counting([str(emulator), "-plugin", "p"])
    assert (done.returncode, done.stdout, done.stderr) == (0, "-plugin p\n", "")


def test_layers_take_as_many_calls_as_they_make(tmp_path: Path) -> None:
    manifest = read_manifest(write_stub_model(tmp_path / "stub", "cortex-m4"))
    calls = (0, 2, 1)
    layers = tuple(dataclasses.replace(layer, calls=n) for layer, n in zip(manifest.layers, calls, strict=True))
    measured = parse("call 5 100 10 1\ncall 6 200 20 2\ncall 7 400 40 4\nrest 3 9 8\nend\n")
    assert measured.calls[1] == Call(6, Counts(200, 20, 2))
    assert measured.total == Counts(721, 79, 15)
    costs = layer_costs(dataclasses.replace(manifest, layers=layers), measured)
    assert [(c.index, c.instructions, c.loads, c.stores) for c in costs] == [
        (0, 0, 0, 0),
        (1, 311, 30, 3),
        (2, 410, 40, 4),
    ]
