"""The recorded benchmark: pages are what the tool writes from the record, and the counts have not grown.

Counts and sizes are those of a compiler: they are held against the record of the one that is installed.
"""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tools.bench.boards import BenchBoard, latencies, load_boards
from tools.bench.kernel_page import kernel_page
from tools.bench.measure import Figure, measure
from tools.bench.models import MLPERF_TINY, ROOT
from tools.bench.page import CORTEX_M, RASPBERRY, page
from tools.bench.picture import picture
from tools.bench.summary import BEGIN, END, summary
from tools.benchmark import KERNEL_PAGE, SHOWN, TOLERANCE, combinations, merged, read_record, regressions

from edgewright.build.tools import compiler_release
from edgewright.targets import load_cpu
from tests.harness.counting import needs_counts
from tests.harness.shared_models import shared_file
from tools import benchmark

PEERS = tomllib.loads((ROOT / "tools" / "bench" / "peers.toml").read_text())


@pytest.fixture(scope="module")
def recorded() -> list[Figure]:
    """The figures that the pages show."""
    return [figure for figure in read_record() if figure.compiler == SHOWN]


def test_readme_shows_the_record(recorded: list[Figure]) -> None:
    readme = (ROOT / "README.md").read_text()
    shown = readme.partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == summary(recorded, MLPERF_TINY, PEERS["tflm"])


def test_picture_shows_the_record(recorded: list[Figure]) -> None:
    assert (ROOT / "docs" / "benchmarks.svg").read_text() == picture(recorded, MLPERF_TINY, PEERS["tflm"])


def test_kernel_page_shows_the_record(recorded: list[Figure]) -> None:
    assert KERNEL_PAGE.read_text() == kernel_page(recorded), "write it: make pages"


@pytest.mark.parametrize("board", load_boards().values(), ids=lambda board: board.name)
def test_modelled_time_stands_beside_the_published_with_its_error(board: BenchBoard, recorded: list[Figure]) -> None:
    """The page of one figure: 1.5 million cycles on the board."""
    figure = next(f for f in recorded if (f.model, f.cpu, f.goal) == ("kws", board.cpu, "time"))
    shown = page([replace(figure, board_cycles={board.name: 1_500_000})], MLPERF_TINY, PEERS, "tools")
    section = shown.partition(f"### {board.title}\n")[2].partition("\n## ")[0]
    check = load_cpu(board.cpu).cycle_check
    assert f"Modelled, not measured; {check}" in section
    assert ("not on this board" in section) == (bool(check.figures) and board.name not in check.source)
    published = [latency for latency in latencies(PEERS) if latency.board == board.name]
    cells = ["kws", "1,500,000", f"{1500 / (board.clock_hz / 1e6):.2f}", *(f"{x.ms['kws']:.2f}" for x in published)]
    assert f"| {' | '.join(cells)} |" in section
    assert all(latency.engine in section for latency in published)


def test_no_time_is_shown_where_none_was_modelled(recorded: list[Figure]) -> None:
    shown = page([replace(f, board_cycles={}) for f in recorded], MLPERF_TINY, PEERS, "tools")
    assert "Modelled time" not in shown


def test_no_direct_layer_is_below_its_floor(recorded: list[Figure]) -> None:
    for figure in recorded:
        floor = PEERS["floors"].get(figure.cpu, {"value": 0})["value"]
        for layer in figure.layers:
            assert "winograd" in layer["kernel"] or layer["instructions"] >= floor * layer["macs"]


def test_better_than_the_peer_in_flash_and_ram(recorded: list[Figure]) -> None:
    """`-O time` may spend flash on speed (Winograd weights); every other goal stays below the peer's."""
    for figure in recorded:
        if figure.cpu == "cortex-m4":
            peer = PEERS["tflm"][figure.model]
            assert figure.flash_bytes < peer["flash_bytes"] or figure.goal == "time"
            assert figure.ram_bytes + (figure.stack_bytes or 0) < peer["ram_bytes"]


def _combinations() -> list[Any]:
    """Every recorded (model, cpu, goal); those that are not run each time are marked slow."""
    each_time = [
        ("kws", cpu, "time") for cpu in ("cortex-m0plus", "cortex-m4", "cortex-m55", "cortex-a72", "cortex-a76")
    ]
    each_time.append(("ad", "cortex-m4", "time"))
    everything = combinations([b.name for b in MLPERF_TINY], [*CORTEX_M, *RASPBERRY])
    return [
        pytest.param(*key, marks=[] if key in each_time else [pytest.mark.slow], id="-".join(key)) for key in everything
    ]


@pytest.mark.parametrize(("name", "cpu", "goal"), _combinations())
def test_cost_has_not_grown(name: str, cpu: str, goal: str, tmp_path: Path) -> None:
    """The ratchet: at most 1 % more instructions, flash or RAM than `make bench` recorded with this compiler."""
    compiler = compiler_release(load_cpu(cpu).compiler)
    figures = read_record()
    if compiler not in {figure.compiler for figure in figures}:
        pytest.skip(f"recorded with {' and '.join(sorted({f.compiler for f in figures}))}, here is {compiler}")
    needs_counts(cpu)
    benchmark = next(b for b in MLPERF_TINY if b.name == name)
    models = shared_file(benchmark.model).parents[1]
    figure = measure(benchmark, models, cpu, goal, tmp_path)
    assert regressions([figure], figures) == [], f"more than {TOLERANCE:.0%}"


def test_a_regression_is_seen(recorded: list[Figure]) -> None:
    grown = {**recorded[0].document(), "instructions": int(recorded[0].instructions * 1.02)}
    assert len(regressions([Figure(**grown)], recorded)) == 1


def test_another_compilers_figures_are_not_compared(recorded: list[Figure]) -> None:
    other = replace(recorded[0], compiler="GCC 99.1", instructions=10 * recorded[0].instructions)
    assert regressions([other], recorded) == [
        f"{other.model} on {other.cpu} -O {other.goal}: not recorded with GCC 99.1"
    ]


def test_measuring_replaces_figures_of_the_same_compiler_only(recorded: list[Figure]) -> None:
    same = replace(recorded[3], instructions=1)
    other = replace(recorded[3], compiler="GCC 99.1", instructions=2)
    whole = merged(recorded, [other, same])
    assert whole == [*recorded[:3], same, *recorded[4:], other]


def test_every_record_is_whole() -> None:
    everything = combinations([b.name for b in MLPERF_TINY], [*CORTEX_M, *RASPBERRY])
    figures = read_record()
    for compiler in sorted({figure.compiler for figure in figures}):
        assert [(f.model, f.cpu, f.goal) for f in figures if f.compiler == compiler] == everything, compiler


def test_cpus_that_cannot_be_counted_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On Debian 13 the emulators of Linux programs have no plugins: the others are measured all the same."""
    asked: list[tuple[str, str, str]] = []

    def measured(wanted: list[tuple[str, str, str]], _: Path) -> list[Figure]:
        asked.extend(wanted)
        return []

    monkeypatch.setattr(benchmark, "model_folder", lambda: tmp_path)
    monkeypatch.setattr(benchmark, "uncounted", lambda cpu: "no plugins" if cpu in RASPBERRY else "")
    monkeypatch.setattr(benchmark, "measure_all", measured)
    monkeypatch.setattr("sys.argv", ["benchmark.py", "--models", "kws", "--check"])
    assert benchmark.main() == 0
    assert {cpu for _, cpu, _ in asked} == set(CORTEX_M)
    assert f"{', '.join(RASPBERRY)} left out: no plugins" in capsys.readouterr().err
