"""The check of the cycle model: the calls it makes, and that what the product prints is what was measured."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from tools.bench.boards import latencies, load_boards
from tools.bench.models import MLPERF_TINY, ROOT
from tools.cycle_check.__main__ import BEGIN, END, PAGE, RECORD
from tools.cycle_check.check import Row, by_cpu, text
from tools.cycle_check.layers import Layer, layers
from tools.cycle_check.program import build, render

from edgewright.errors import ToolError
from edgewright.ops.window import Window
from edgewright.targets import CycleCheck, cpu_names, load_cpu, resolve_target
from tests.harness.shared_models import shared_file

LATENCIES = latencies(tomllib.loads((ROOT / "tools" / "bench" / "peers.toml").read_text()))


@pytest.fixture(scope="module")
def recorded() -> list[Row]:
    rows = json.loads(RECORD.read_text())["rows"]
    return [Row(**{key: value for key, value in row.items() if key != "error_percent"}) for row in rows]


def test_the_product_prints_what_was_measured(recorded: list[Row]) -> None:
    measured = by_cpu(recorded)
    assert measured
    for cpu in cpu_names():
        assert load_cpu(cpu).cycle_check == measured.get(cpu, CycleCheck()), "run python -m tools.cycle_check"


def test_the_page_shows_the_record(recorded: list[Row]) -> None:
    assert PAGE.read_text().partition(BEGIN)[2].partition(END)[0] == text(recorded)


def test_every_open_latency_is_in_the_record(recorded: list[Row]) -> None:
    wanted = {
        (latency.board, model): ms for latency in LATENCIES if latency.optimize for model, ms in latency.ms.items()
    }
    assert {(row.board, row.model): row.published_ms for row in recorded} == wanted
    assert all(load_cpu(row.cpu).core_timing for row in recorded)


def test_a_fitted_figure_is_shown_but_does_not_count() -> None:
    row = Row("ad", "b", "cortex-m4", "e", "s", 1, published_ms=10.0, modelled_ms=9.0, fitted=False)
    fitted = Row("ic", "b", "cortex-m4", "e", "s", 1, published_ms=10.0, modelled_ms=10.0, fitted=True)
    assert row.error_percent == -10.0
    assert by_cpu([row, fitted]) == {"cortex-m4": CycleCheck(1, -10.0, -10.0, "e on b (s)")}
    assert "+0.0 % (fitted)" in text([fitted])


def test_boards_are_sound_and_every_latency_has_one() -> None:
    boards = load_boards()
    assert {latency.board for latency in LATENCIES} == set(boards)
    assert all(load_cpu(board.cpu).core_timing for board in boards.values())


@pytest.mark.parametrize(("name", "weights", "kinds"), [
    ("kws", 22016, "depthwise depthwise conv depthwise conv depthwise conv depthwise conv average dense"),
    ("ad", 264192, " ".join(["dense"] * 10)),
    ("ic", 77360, "conv conv conv add conv conv conv add conv conv conv add average dense"),
])  # fmt: skip
def test_a_model_becomes_the_calls_of_the_published_program(name: str, weights: int, kinds: str) -> None:
    """kws: its first layer has one input channel, which microTVM calls depthwise."""
    benchmark = next(b for b in MLPERF_TINY if b.name == name)
    found = layers(shared_file(benchmark.model))
    assert sum(layer.weights for layer in found) == weights
    assert sorted(layer.kind for layer in found) == sorted(kinds.split())


def test_the_program_lists_the_calls(tmp_path: Path) -> None:
    window = Window((3, 2), (2, 1), pads=(0, 1, 1, 1))
    shown = render([Layer("depthwise", (5, 4, 3), (2, 5, 6), window), Layer("add", (2, 5, 6), (2, 5, 6))])
    assert "    {DEPTHWISE, {5, 4, 3}, {2, 5, 6}, {3, 2}, {2, 1}, {0, 1}, w0}," in shown
    assert "    {ADD, {2, 5, 6}, {2, 5, 6}, {1, 1}, {1, 1}, {0, 0}, 0}," in shown
    assert "static const int8_t w0[36]" in shown
    with pytest.raises(ToolError, match="no CMSIS-NN"):
        build([Layer("add", (1, 1, 4), (1, 1, 4))], resolve_target("cortex-m4"), tmp_path, tmp_path, tmp_path, "2")
