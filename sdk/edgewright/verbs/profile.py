"""`profile`: what one inference costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from edgewright import build as building
from edgewright import profile as profiling
from edgewright.artifact import Directory, open_directory
from edgewright.run.ports import device_place
from edgewright.targets import CycleCheck, Target
from edgewright.validate import timed
from edgewright.verbs.record import OPTIONAL, Record


@dataclass(frozen=True)
class LayerProfile:
    """A layer of the call list. op: its contract. instructions: of its kernel calls and of what prepares them."""

    name: str
    op: str
    kernel: str
    macs: int
    output_bytes: int
    instructions: int


@dataclass(frozen=True)
class Profiled(Record):
    """One inference of the model `name` at `place`, from entering `<name>_run` to leaving it.

    unit: what was measured. "emulated-instructions": instructions, loads and stores, in all and per layer, exact; and
    model_cycles, a model over them that assumes so many flash_wait_states and is so far off, None for a core without
    one. "host-time", "device-time" or "device-cycles": the median `time` of `runs` inferences in time_unit, and nothing
    else.
    threads: the most that work on one layer, when there are several; instructions are counted with all their shares
    on one thread, so that none waits.
    """

    name: str
    target: Target
    place: str
    unit: str
    threads: int | None = field(default=None, metadata=OPTIONAL)
    time: int | None = field(default=None, metadata=OPTIONAL)
    time_unit: str | None = field(default=None, metadata=OPTIONAL)
    runs: int | None = field(default=None, metadata=OPTIONAL)
    instructions: int | None = None
    loads: int | None = None
    stores: int | None = None
    model_cycles: int | None = None
    flash_wait_states: int | None = None
    model_cycles_error: CycleCheck | None = None
    layers: tuple[LayerProfile, ...] = ()


def profile(
    directory: str | Path, place: str = "emulator", *, port: str | None = None, baud: int | None = None
) -> Profiled:
    """Instructions on the emulator, time at "host", "device", "device:PORT" or "ssh:HOST"; port, baud: of "device".

    Raises:
        UsageError, ToolError, BudgetError, LinkError: it cannot be built, or there is nothing to measure it with.
    """
    place = device_place(place, port, baud)
    opened = open_directory(Path(directory))
    return _counted(opened) if place == "emulator" else _timed(opened, place)


def _counted(opened: Directory) -> Profiled:
    building.build(opened.path)
    counted = profiling.count(opened.path)
    manifest, modelled = opened.manifest, counted.model_cycles is not None
    return Profiled(
        name=manifest.name,
        target=manifest.target,
        place="emulator",
        unit="emulated-instructions",
        threads=_threads(opened),
        instructions=counted.instructions,
        loads=counted.loads,
        stores=counted.stores,
        model_cycles=counted.model_cycles,
        flash_wait_states=counted.flash_wait_states if modelled else None,
        model_cycles_error=manifest.target.cpu.cycle_check if modelled else None,
        layers=tuple(
            LayerProfile(layer.name, layer.op, layer.kernel, layer.macs, layer.output_bytes, cost.instructions)
            for layer, cost in zip(manifest.layers, counted.layers, strict=True)
        ),
    )


def _timed(opened: Directory, place: str) -> Profiled:
    timing = timed(opened, place)
    return Profiled(
        name=opened.name,
        target=opened.manifest.target,
        place=place,
        unit=f"{'host' if place == 'host' else 'device'}-{'cycles' if timing.unit == 'cycles' else 'time'}",
        threads=_threads(opened),
        time=timing.time,
        time_unit=timing.unit,
        runs=timing.runs,
    )


def _threads(opened: Directory) -> int | None:
    return opened.manifest.threads if opened.manifest.threads > 1 else None
