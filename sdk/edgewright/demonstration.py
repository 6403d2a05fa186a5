"""`edgewright demo`: the shipped model, from ONNX to an emulated board, in one table."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgewright import demo
from edgewright.errors import ToolError
from edgewright.targets import host_cpu, resolve_target

CPU = "cortex-m4"


def missing_tools() -> list[str]:
    """What the emulated board needs and this machine lacks."""
    target = resolve_target(CPU)
    return [tool for tool in (target.cpu.compiler, target.arch.emulator_command[0]) if shutil.which(tool) is None]


def counted_instructions(out: Path, api: Any) -> tuple[int | None, str | None]:
    """The instructions of one image, or why they cannot be counted here."""
    try:
        return api.profile(out)["instructions"], None
    except ToolError as error:
        return None, str(error)


def run(out: Path, api: Any, progress: Callable[[int, int], None] | None) -> dict[str, Any]:
    """Compile, build, validate and profile; on the host, saying so, when there is no Arm toolchain.

    api: the module `edgewright.api`.
    """
    missing = missing_tools()
    cpu, place = (host_cpu().name, "host") if missing else (CPU, "emulator")
    compiled = api.compile(demo.model_path(), cpu, demo.calibration_path(), out, name="digits")
    built = api.build(out)
    checked = api.validate(out, demo.held_out_path(), [place], progress=progress)
    instructions, problem = (None, None) if missing else counted_instructions(out, api)
    scores = checked["places"][place]
    return {
        "model": compiled["model"]["file"],
        "directory": str(out),
        "cpu": cpu,
        "place": place,
        "missing_tools": missing,
        "images": checked["samples"],
        "float_accuracy": checked["float_accuracy"],
        "int8_accuracy": scores["accuracy"],
        "mismatched_bytes": scores["mismatched_bytes"],
        "flash_bytes": built["flash_bytes"],
        "ram_bytes": built["ram_bytes"],
        "stack_bytes": built["stack_bytes"],
        "instructions": instructions,
        "count_problem": problem,
        "macs": compiled["macs"],
    }
