"""Executed instructions, loads and stores of one inference, exact and repeatable."""

from dataclasses import dataclass
from pathlib import Path

from edgewright.artifact import Layer, Manifest, read_manifest
from edgewright.build import BuildResult, load_result
from edgewright.build.elf import function
from edgewright.errors import ToolError, UsageError
from edgewright.profile.cycles import model_cycles
from edgewright.profile.plugin import Call, Counts, Measurement, Probe, measure
from edgewright.targets import FlashTiming


@dataclass(frozen=True)
class LayerCost:
    """What a layer costs: its kernel calls and the instructions that prepare them."""

    index: int
    instructions: int
    loads: int
    stores: int


@dataclass(frozen=True)
class Profile:
    """One inference, from entering `<name>_run` to leaving it, with inputs of zeros.

    model_cycles: what a model of the core gives for these instructions with that many flash_wait_states, None where
    there is no model; how far it is from published latencies is in the `cycle_check` of the CPU. The instructions
    of `layers` add up to `instructions`; loads and stores of `<name>_run` itself belong to none.
    """

    place: str
    instructions: int
    loads: int
    stores: int
    flash_wait_states: int
    model_cycles: int | None
    layers: tuple[LayerCost, ...]


def count(directory: Path, flash: FlashTiming | None = None) -> Profile:
    """The profile of a built directory on its emulator.

    The minimal program runs as it is; the emulator counts beside it. flash: for the modelled cycles, instead of that
    of the target's board; a target that is only a CPU has a flash that answers at once.

    Raises:
        UsageError: the directory is not built, or its target has no emulator.
        ToolError: compiler or emulator are missing, or the program does not run.
    """
    directory = directory.resolve()
    manifest, built = read_manifest(directory), load_result(directory)
    program = _program(manifest, built)
    target = manifest.target
    with_cycles = target.cpu.core_timing is not None
    if flash is None:
        flash = target.board.flash_timing if target.board else FlashTiming()
    probe = _probe(manifest, program)
    measured = measure(target, program, probe, program.parent, each=with_cycles, flash=flash)
    return Profile(
        place="emulator",
        instructions=measured.total.instructions,
        loads=measured.total.loads,
        stores=measured.total.stores,
        flash_wait_states=flash.wait_states,
        model_cycles=model_cycles(target, program, measured, flash.wait_states) if with_cycles else None,
        layers=tuple(layer_costs(manifest, measured)),
    )


def _program(manifest: Manifest, built: BuildResult) -> Path:
    if built.minimal_elf is None:
        raise UsageError(f"{manifest.name}: {manifest.target.name} has no emulator to count on; profile another target")
    return built.minimal_elf


def _probe(manifest: Manifest, program: Path) -> Probe:
    run = function(program, f"{manifest.name}_run")
    if run is None:
        raise ToolError(f"{program.name}: has no function {manifest.name}_run; build again")
    stop, fail = function(program, "ew_halt"), function(program, "ew_fault")
    return Probe(run.address, run.end, stop.address if stop else 0, fail.address if fail else 0)


def layer_costs(manifest: Manifest, measured: Measurement) -> list[LayerCost]:
    """The calls, dealt out to the layers by the number of calls that the manifest gives each.

    Raises:
        ToolError: the run made another number of calls.
    """
    expected = sum(layer.calls for layer in manifest.layers)
    if len(measured.calls) != expected:
        raise ToolError(
            f"{manifest.name}_run: made {len(measured.calls)} calls, the manifest has {expected}; compile again"
        )
    costs, taken = [], 0
    for layer in manifest.layers:
        costs.append(_layer_cost(layer, measured.calls[taken : taken + layer.calls]))
        taken += layer.calls
    if costs:
        last = costs[-1]
        costs[-1] = LayerCost(last.index, last.instructions + measured.rest, last.loads, last.stores)
    return costs


def _layer_cost(layer: Layer, calls: tuple[Call, ...]) -> LayerCost:
    total = Counts(sum(call.own for call in calls))
    for call in calls:
        total += call.cost
    return LayerCost(layer.index, total.instructions, total.loads, total.stores)
