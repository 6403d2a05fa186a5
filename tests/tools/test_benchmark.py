"""The recorded benchmark: pages are what the tool writes from the record, and the counts have not grown."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tools.bench.boards import BenchBoard, latencies, load_boards
from tools.bench.kernel_page import kernel_page
from tools.bench.measure import Figure, measure
from tools.bench.models import MLPERF_TINY
from tools.bench.page import CORTEX_M, RASPBERRY, page
from tools.bench.picture import picture
from tools.bench.summary import BEGIN, END, summary
from tools.benchmark import KERNEL_PAGE, RECORD, ROOT, TOLERANCE, combinations, regressions

from edgewright.targets import load_cpu
from tests.harness.shared_models import shared_file

PEERS = tomllib.loads((ROOT / "tools" / "bench" / "peers.toml").read_text())


@pytest.fixture(scope="module")
def recorded() -> list[Figure]:
    return [Figure(**row) for row in json.loads(RECORD.read_text())["figures"]]


def test_readme_shows_the_record(recorded: list[Figure]) -> None:
    readme = (ROOT / "README.md").read_text()
    shown = readme.partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == summary(recorded, MLPERF_TINY, PEERS["tflm"])


def test_picture_shows_the_record(recorded: list[Figure]) -> None:
    assert (ROOT / "docs" / "benchmarks.svg").read_text() == picture(recorded, MLPERF_TINY, PEERS["tflm"])


def test_kernel_page_shows_the_record(recorded: list[Figure]) -> None:
    assert KERNEL_PAGE.read_text() == kernel_page(recorded), "write it: make bench"


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
def test_cost_has_not_grown(name: str, cpu: str, goal: str, recorded: list[Figure], tmp_path: Path) -> None:
    """The ratchet: at most 1 % more instructions, flash or RAM than recorded; `make bench` records."""
    benchmark = next(b for b in MLPERF_TINY if b.name == name)
    models = shared_file(benchmark.model).parents[1]
    figure = measure(benchmark, models, cpu, goal, tmp_path)
    old = [row.document() for row in recorded if (row.model, row.cpu, row.goal) == (name, cpu, goal)]
    assert len(old) == 1, "not recorded"
    assert regressions([figure], old) == [], f"more than {TOLERANCE:.0%}"


def test_a_regression_is_seen(recorded: list[Figure]) -> None:
    grown = {**recorded[0].document(), "instructions": int(recorded[0].instructions * 1.02)}
    assert len(regressions([Figure(**grown)], [recorded[0].document()])) == 1
