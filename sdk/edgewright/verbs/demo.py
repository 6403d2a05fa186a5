"""`demo`: the shipped model, from ONNX to an emulated board."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from edgewright import demo as shipped
from edgewright.errors import ToolError
from edgewright.quantize import Progress
from edgewright.targets import host_cpu, resolve_target
from edgewright.verbs.build import build
from edgewright.verbs.compile import compile
from edgewright.verbs.profile import profile
from edgewright.verbs.record import Record
from edgewright.verbs.validate import validate

CPU = "cortex-m4"


@dataclass(frozen=True)
class Demonstrated(Record):
    """The file `model` compiled for `cpu` into `directory` and run on so many images at `place`.

    missing_tools: what the emulated board needs and this machine lacks; then it ran on this machine instead, and there
    are no instructions. instructions, macs: of one image. count_problem: why the emulator cannot count them, or None.
    """

    model: str
    directory: Path
    cpu: str
    place: str
    missing_tools: tuple[str, ...]
    images: int
    float_accuracy: float | None
    int8_accuracy: float | None
    mismatched_bytes: int
    flash_bytes: int
    ram_bytes: int
    stack_bytes: int | None
    instructions: int | None
    count_problem: str | None
    macs: int


def missing_tools() -> tuple[str, ...]:
    """What the emulated board needs and this machine lacks."""
    target = resolve_target(CPU)
    return tuple(tool for tool in (target.cpu.compiler, target.arch.emulator_command[0]) if shutil.which(tool) is None)


def counted_instructions(out: Path) -> tuple[int | None, str | None]:
    """The instructions of one image, or why they cannot be counted here."""
    try:
        return profile(out).instructions, None
    except ToolError as error:
        return None, str(error)


def demo(out: Path, progress: Progress | None = None) -> Demonstrated:
    """Compile, build, validate and profile; on the host, saying so, when there is no Arm toolchain."""
    missing = missing_tools()
    cpu, place = (host_cpu().name, "host") if missing else (CPU, "emulator")
    manifest = compile(shipped.model_path(), cpu, shipped.calibration_path(), out, name="digits").manifest
    built = build(out)
    checked = validate(out, shipped.held_out_path(), [place], progress=progress)
    scores = checked.places[place]
    instructions, problem = (None, None) if missing else counted_instructions(out)
    return Demonstrated(
        model=manifest.model.file,
        directory=out,
        cpu=cpu,
        place=place,
        missing_tools=missing,
        images=checked.samples,
        float_accuracy=checked.float_accuracy,
        int8_accuracy=scores.accuracy,
        mismatched_bytes=scores.mismatched_bytes,
        flash_bytes=built.flash_bytes,
        ram_bytes=built.ram_bytes,
        stack_bytes=built.stack_bytes,
        instructions=instructions,
        count_problem=problem,
        macs=manifest.macs,
    )
