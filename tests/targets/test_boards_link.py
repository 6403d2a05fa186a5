"""Every board compiles and links the demo, and the keyword spotter, or says what is missing; the demo runs on every
board that the installed QEMU has (tests.harness.emulated says which 7.2 lacks)."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from edgewright import api, demo
from edgewright.artifact import Manifest, read_manifest
from edgewright.build import build, builder, load_result
from edgewright.build.recipe import Recipe, Unit
from edgewright.build.stack import StackBound
from edgewright.errors import BudgetError
from edgewright.run.emulator import Line, start_emulator
from edgewright.targets import Board, Runs, cpu_names, load_arch, load_cpu, own_targets
from tests.harness.emulated import EMULATED_BOARDS
from tests.harness.shared_models import shared_file

BOARDS = own_targets()[1]
CPUS = [name for name in cpu_names() if any(board.cpu == name for board in BOARDS)]
KWS = "mlperf_kws_dscnn"
#: Boards on which the runner, which is larger than the model alone, or the model does not fit.
TOO_SMALL: dict[str, set[str]] = {"demo": set(), "kws": {"stm32vldiscovery"}}


def compile_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes builds take model, weights and kernels from the first of the same CPU; `folder` keeps them."""
    folder.mkdir()
    compile_unit = builder._compile

    def compile_or_take(unit: Unit, plan: Recipe, manifest: Manifest, work: Path) -> None:
        stem = unit.object.removesuffix(".o")
        if unit.part not in ("model", "weights", "kernels"):
            compile_unit(unit, plan, manifest, work)
        elif (folder / unit.object).is_file():
            for kept in folder.glob(f"{stem}.*"):
                shutil.copy(kept, work / "objects")
        else:
            compile_unit(unit, plan, manifest, work)
            for made in (work / "objects").glob(f"{stem}.*"):
                shutil.copy(made, folder)

    monkeypatch.setattr(builder, "_compile", compile_or_take)
    monkeypatch.setattr(builder, "disassemble", lambda *_: None)
    monkeypatch.setattr(builder, "stack_bound", lambda *_: StackBound(None, problem="not asked for"))


def linked(directory: Path, board: Board) -> str:
    """ "" when the programs of `directory` were linked for `board`, else what does not fit."""
    path = next(directory.glob("*_manifest.json"))
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "target": {"cpu": board.cpu, "board": board.name}}))
    try:
        result = build(directory)
    except BudgetError as error:
        return str(error)
    assert result.minimal_elf
    under_linux = load_arch(load_cpu(board.cpu).arch).runs is Runs.PROCESS
    assert under_linux or result.flash_bytes <= board.flash.bytes
    return result.elf_problem


def run_emulated(directory: Path) -> None:
    """Validates the demo over the UART of the machine, as `emulator` and as a port; and counts."""
    manifest = read_manifest(directory)
    elf = load_result(directory).elf
    assert elf
    emulator = start_emulator(manifest.target, elf, Line.UART)
    try:
        places = ["emulator", f"device:{emulator.url}"]
        done = api.validate(directory, str(demo.held_out_path()), places, limit=4)
    finally:
        emulator.stop()
    assert [place.mismatched_bytes for place in done.places.values()] == [0, 0]
    counted = api.profile(directory, "emulator")
    assert counted.instructions
    assert counted.instructions > 10_000


def check_every_board(directory: Path, cpu: str, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_once(tmp_path / "objects", monkeypatch)
    for board in (board for board in BOARDS if board.cpu == cpu):
        problem = linked(directory, board)
        assert bool(problem) == (board.name in TOO_SMALL[model]), problem or f"{board.name}: {model} fits"
        if model == "demo" and board.name in EMULATED_BOARDS and not board.name.startswith("mps"):
            run_emulated(directory)
        assert not problem or re.search(
            rf"on {board.name}: \w+\.elf exceeds \w+ by [\d,]+ bytes; use a larger", problem
        )


@pytest.mark.parametrize("cpu", [name for name in CPUS if load_cpu(name).arch == "cortex-m" and name != "cortex-m55"])
def test_the_demo_links(cpu: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api.compile(demo.model_path(), cpu, demo.calibration_path(), tmp_path / "out", name="digits", goal="ram")
    check_every_board(tmp_path / "out", cpu, "demo", tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("cpu", CPUS)
def test_the_keyword_spotter_links(cpu: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, data = shared_file(KWS, "model.onnx"), shared_file(KWS, "data.npz")
    api.compile(model, cpu, data, tmp_path / "out", name="kws", goal="ram")
    check_every_board(tmp_path / "out", cpu, "kws", tmp_path, monkeypatch)


def test_a_model_that_is_too_large_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    model, data = shared_file(KWS, "model.onnx"), shared_file(KWS, "data.npz")
    with pytest.raises(
        BudgetError, match=r"model\.onnx on stm32vldiscovery: arena needs [\d,]+ bytes, RAM has 6,640 be"
    ):
        api.compile(model, "stm32vldiscovery", data, tmp_path / "out", name="kws", goal="ram")
    assert not (tmp_path / "out").exists()
