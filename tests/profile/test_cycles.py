"""The cycle model, on code whose cycles are known from Arm's tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgewright.build import build
from edgewright.build.disassembly import Disassembly
from edgewright.profile import count
from edgewright.profile.cycles import cycles
from edgewright.profile.plugin import Place
from edgewright.targets import cpu_names, load_cpu
from tests.harness.stub_model import write_stub_model

TIMED = [name for name in cpu_names() if load_cpu(name).core_timing]
#: Ten turns: address, bytes, instruction; executed, taken.
LOOP = [
    ("8000:\t230a      \tmovs\tr3, #10", 2, 1, 0),
    ("8002:\t7808      \tldrb\tr0, [r1, #0]", 2, 10, 0),
    ("8004:\t7010      \tstrb\tr0, [r2, #0]", 2, 10, 0),
    ("8006:\t3b01      \tsubs\tr3, #1", 2, 10, 0),
    ("8008:\td1fb      \tbne.n\t8002 <f+0x2>", 2, 10, 9),
    ("800a:\te8bd 8010 \tldmia.w\tsp!, {r4, pc}", 4, 1, 1),
]
PAIRED = [
    ("8000:\t6808      \tldr\tr0, [r1, #0]", 2, 100, 0),
    ("8002:\t6852      \tldr\tr2, [r2, #4]", 2, 100, 0),
    ("8004:\tfb00 4402 \tmla\tr4, r0, r2, r4", 4, 100, 0),
    ("8008:\t6025      \tstr\tr5, [r4, #0]", 2, 100, 0),
]


def model(
    cpu: str, listing: list[tuple[str, int, int, int]], wait_states: int = 0, misses: int = 0, splits: int = 0
) -> int:
    code = Disassembly("\n".join(["00008000 <f>:", *(f"    {line}" for line, *_ in listing)]))
    assert len(code.instructions) == len(listing)
    core = load_cpu(cpu).core_timing
    assert core
    places = [
        Place(address, size, executed, 0, 0, taken, misses, splits)
        for address, (_, size, executed, taken) in zip(code.instructions, listing, strict=True)
    ]
    return cycles(core, code, places, wait_states)


@pytest.mark.parametrize(
    ("cpu", "expected"),
    [
        ("cortex-m4", 1 + 10 * (2 + 1 + 1 + 1) + 9 * 2 + (1 + 2) + 2),
        ("cortex-m33", 1 + 10 * (2 + 1 + 1 + 1) + 9 * 2 + (1 + 2) + 2),
        ("cortex-m3", 1 + 10 * (2 + 1 + 1 + 1) + 9 * 2 + (1 + 2) + 2),
        ("cortex-m0plus", 1 + 10 * (2 + 2 + 1 + 1) + 9 * 1 + (1 + 2) + 1),
    ],
)
def test_a_loop_takes_what_the_tables_say(cpu: str, expected: int) -> None:
    assert model(cpu, LOOP) == expected


def test_neighbouring_loads_share_a_cycle_and_a_dependent_one_does_not() -> None:
    assert model("cortex-m33", PAIRED) == 100 * (2 + 1 + 1 + 1)
    assert model("cortex-m4", PAIRED) == 100 * (2 + 1 + 1 + 2), "the product is the address of the store"
    dependent = [PAIRED[0], ("8002:\t6843      \tldr\tr3, [r0, #4]", 2, 100, 0)]
    assert model("cortex-m4", dependent) == 100 * (2 + 2)
    assert model("cortex-m3", PAIRED) == 100 * (2 + 1 + 2 + 2)


def test_the_m7_pairs_what_is_independent() -> None:
    assert model("cortex-m7", PAIRED) == 100 * (1 + 1 + 1), "two loads together; the store waits for the product"


@pytest.mark.parametrize(
    ("listing", "simple_bus", "better_bus"),
    [
        (["ldr\tr0, [r1, #0]", "str\tr0, [r2, #4]"], 2 + 1, 2 + 1),
        (["str\tr0, [r2, #4]", "ldr\tr0, [r1, #0]"], 1 + 2, 1 + 1),
        (["str\tr0, [r2, r3]"], 2, 1),
        (["ldr\tr0, [r1, r2]", "str\tr1, [r3, r2]"], 2 + 1, 2 + 1),
        (["adds\tr1, #4", "ldr\tr0, [r1, #0]"], 1 + 3, 1 + 2),
        (["adds\tr4, #4", "ldr\tr0, [r1, #0]"], 1 + 2, 1 + 2),
        (["cmp\tr1, #4", "ldr\tr0, [r1, #0]"], 1 + 2, 1 + 2),
        (["ldr\tr0, [r1, #0]", "ldr\tr1, [r2, #0]", "ldr\tr2, [r3, #4]"], 4, 4),
    ],
    ids=[
        "load store",
        "store load",
        "store sum",
        "load store sum",
        "new address",
        "other register",
        "compare",
        "loads",
    ],
)
def test_loads_and_stores_take_what_the_manual_says(listing: list[str], simple_bus: int, better_bus: int) -> None:
    """DDI0337, load and store timings; its examples are the loads and "load store sum"."""
    lines = [(f"{0x8000 + 2 * k:x}:\t0000      \t{text}", 2, 10, 0) for k, text in enumerate(listing)]
    assert model("cortex-m4", lines) == model("cortex-m3", lines) == 10 * simple_bus
    assert model("cortex-m33", lines) == 10 * better_bus


@pytest.mark.parametrize("start", [0x8000, 0x8002], ids=["aligned", "across words"])
def test_a_wide_target_across_words_refills_longer(start: int) -> None:
    loop = [
        (f"{start:x}:\tf1a3 0301 \tsub.w\tr3, r3, #1", 4, 10, 0),
        (f"{start + 4:x}:\td1fb      \tbne.n\t{start:x} <f>", 2, 10, 9),
    ]
    assert model("cortex-m4", loop) == 10 * 2 + 9 * (3 if start % 4 else 2)
    assert model("cortex-m33", loop) == 10 * 2 + 9 * 2


def test_misses_pay_the_wait_states_and_unaligned_data_pays_its_accesses() -> None:
    assert model("cortex-m4", PAIRED, wait_states=5, misses=3) == model("cortex-m4", PAIRED) + 4 * 3 * 5
    assert model("cortex-m4", PAIRED, splits=7) == model("cortex-m4", PAIRED) + 4 * 7
    assert model("cortex-m7", PAIRED, splits=7) == model("cortex-m7", PAIRED), "its bus is 64 bits wide"


@pytest.mark.parametrize("cpu", [*TIMED, "cortex-m55"])
def test_every_core_with_a_model_has_a_figure(cpu: str, tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", cpu)
    build(directory)
    profile = count(directory)
    if cpu == "cortex-m55":
        assert profile.model_cycles is None
    else:
        assert profile.model_cycles
        ratio = profile.model_cycles / profile.instructions
        assert 0.5 < ratio < 1 if cpu == "cortex-m7" else 1 < ratio < 2
