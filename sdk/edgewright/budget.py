"""What a plan needs of the memory of its target, and whether it is there."""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.artifact import Manifest
from edgewright.artifact.layout import RUNTIME_SOURCES
from edgewright.emit.calls import constant_bytes
from edgewright.errors import BudgetError
from edgewright.kernels import Goal
from edgewright.kernels.code_bytes import code_bytes
from edgewright.kernels.price import OPTIMIZE
from edgewright.plan import Plan
from edgewright.targets import Target

#: Planned flash beside constants and kernels, of each layer and of the rest; `build` measures the real figure.
LAYER_FLASH_BYTES, BASE_FLASH_BYTES = 80, 600


def check_fits(plan: Plan, target: Target, model: str) -> None:
    """Raise BudgetError when the arena or the constants exceed the memory of the target's board."""
    board = target.board
    if board is None:
        return
    where, room = f"{model} on {board.name}", board.arena_room_bytes
    advice = "prune the model or take a larger board"
    if plan.arena_bytes > room:
        raise BudgetError(
            f"{where}: arena needs {plan.arena_bytes:,} bytes, RAM has {room:,} beside the stack; "
            f"peak at '{plan.peak_layer}'; {advice}"
        )
    constants, flash = constant_bytes(plan), board.memory_bytes or board.weights_memory.bytes
    if constants > flash:
        raise BudgetError(f"{where}: constants need {constants:,} bytes, flash has {flash:,}; {advice}")


def planned_flash(plan: Plan, target: Target) -> int:
    """Estimated flash of the minimal program of a plan that was made for `target` with the goal "balanced"."""
    sources = {source for layer in plan.layers for source in layer.kernel.sources}
    return _flash(constant_bytes(plan), sources, target, OPTIMIZE[Goal.BALANCED], len(plan.layers))


def planned_flash_of(manifest: Manifest) -> int:
    """Estimated flash of the minimal program of a generated directory."""
    prefix = f"{RUNTIME_SOURCES}/"
    sources = {source.removeprefix(prefix) for source in manifest.sources if source.startswith(prefix)}
    return _flash(manifest.weights_bytes, sources, manifest.target, manifest.optimize, len(manifest.layers))


def _flash(constants: int, sources: Iterable[str], target: Target, optimize: str, layers: int) -> int:
    kernels = code_bytes(sources, target.cpu.isas, optimize)
    return constants + kernels + LAYER_FLASH_BYTES * layers + BASE_FLASH_BYTES
