"""Modelled cycles of a Cortex-M, from how often each instruction was executed.

A model, not a measurement: instruction timings of the CPU's file over exact execution counts, and the wait states of
the board's flash for every line that its cache did not hold. How far it is from published latencies is a property of
the CPU (`Cpu.cycle_check`), measured by `tools/cycle_check`; docs/cycles.md has the table.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgewright.build.disassembly import Disassembly, Instruction, disassemble
from edgewright.build.stack_pointer import list_length
from edgewright.profile.plugin import Measurement, Place
from edgewright.targets import CoreTiming, Target

#: Functions of the minimal program that run around the inference.
_AROUND = {"main", "ew_reset", "ew_halt", "ew_fault"}


def model_cycles(target: Target, program: Path, measured: Measurement, wait_states: int) -> int | None:
    """Cycles of the measured run, None for a core without a model."""
    core = target.cpu.core_timing
    if core is None:
        return None
    return cycles(core, disassemble(program, target.cpu.compiler), measured.places, wait_states)


def cycles(core: CoreTiming, code: Disassembly, places: Sequence[Place], wait_states: int = 0) -> int:
    """Cycles that `core` takes to execute `places`."""
    steps = [
        _Step(place, code.instructions[place.address])
        for place in places
        if place.address in code.instructions and code.name_at(place.address) not in _AROUND
    ]
    issue = _dual_issue(core, steps) if core.dual_issue else _single_issue(core, steps)
    return issue + sum(
        step.place.taken * (core.refill + core.wide_refill * _is_wide_target(code, step.instruction.target))
        + step.place.splits * core.split
        + step.place.misses * wait_states
        for step in steps
    )


def _is_wide_target(code: Disassembly, address: int | None) -> bool:
    target = None if address is None else code.instructions.get(address)
    return target is not None and target.bytes == 4 and target.address % 4 != 0


@dataclass(frozen=True)
class _Step:
    """An instruction and how often it did what."""

    place: Place
    instruction: Instruction

    def follows(self, other: "_Step") -> bool:
        return other.instruction.end == self.instruction.address


def _single_issue(core: CoreTiming, steps: Sequence[_Step]) -> int:
    total = 0
    before: _Step | None = None
    for step in steps:
        cost = _cycles(core, step.instruction)
        first = before.instruction if before and step.follows(before) else None
        if core.overlap and first and _overlaps(core, first, step.instruction):
            cost -= 1
        if core.simple_bus:
            cost += _waits_for_address(first, step.instruction)
        total += cost * step.place.executed
        before = step
    return total


def _dual_issue(core: CoreTiming, steps: Sequence[_Step]) -> int:
    """Two neighbours go together when neither needs the other nor the same unit."""
    total, index = 0, 0
    while index < len(steps):
        step = steps[index]
        total += _cycles(core, step.instruction) * step.place.executed
        if index + 1 < len(steps) and _pairs(core, step, steps[index + 1]):
            index += 1
        index += 1
    return total


def _cycles(core: CoreTiming, instruction: Instruction) -> int:
    """Cycles of one execution, without the refill of a taken branch."""
    base = instruction.base
    kind = _kind(instruction)
    if kind in ("load many", "store many"):
        count = list_length(instruction.operands)
        return (count + 1) // 2 if core.dual_issue else 1 + count
    if kind in ("load", "store"):
        both = 2 if base in ("ldrd", "strd") else 1
        if core.dual_issue:
            return 1
        return 1 + both if both == 2 else (core.load if kind == "load" else core.store)
    if kind == "multiply":
        if base in ("mla", "mls"):
            return core.mla
        return core.long_multiply if base in ("smull", "umull", "smlal", "umlal") else 1
    if base in ("sdiv", "udiv"):
        return core.divide
    return core.call if base == "bl" else 1


_KINDS = (
    (r"v?ldm\w*|v?pop", "load many"),
    (r"v?stm\w*|v?push", "store many"),
    (r"v?ldr\w*", "load"),
    (r"v?str\w*", "store"),
    (r"(sml|smu|smm|mul|mla|mls|uml|umu)\w*", "multiply"),
    (r"b(l|x|lx|eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?|cbn?z", "branch"),
    (r"(sxt|uxt|pkh|sadd|ssub|ssat|usat)\w*", "simd"),
)


def _kind(instruction: Instruction) -> str:
    return next((kind for pattern, kind in _KINDS if re.fullmatch(pattern, instruction.base)), "plain")


def _overlaps(core: CoreTiming, first: Instruction, second: Instruction) -> bool:
    """Whether the second load or store uses the cycle in which the first one waits for its data."""
    stores = () if core.simple_bus else ("store",)
    if _kind(first) not in ("load", *stores) or _kind(second) != "load" or "ldrd" in (first.base, second.base):
        return False
    loaded = _registers(first.operands)[:1] if _kind(first) == "load" else []
    return not set(loaded) & set(_address(second))


def _waits_for_address(first: Instruction | None, second: Instruction) -> int:
    """Cycles that a load or store loses on its address: it is new, or a store adds two registers."""
    kind = _kind(second)
    if kind not in ("load", "store"):
        return 0
    first_kind = _kind(first) if first else ""
    computed = _written(first) if first and first_kind in ("plain", "simd", "multiply") else set()
    sums = kind == "store" and len(_address(second)) == 2 and first_kind != "load"
    return bool(computed & set(_address(second))) + sums


def _address(instruction: Instruction) -> list[str]:
    """Registers that a load or store computes its address from."""
    return _registers(instruction.operands[instruction.operands.find("[") :].partition("]")[0])


def _pairs(core: CoreTiming, first: _Step, second: _Step) -> bool:
    """Whether both go in one cycle. Source: observation of a Cortex-M7; Arm publishes no table."""
    if not second.follows(first) or first.place.executed != second.place.executed or first.place.taken:
        return False
    if _cycles(core, first.instruction) != 1 or _cycles(core, second.instruction) != 1:
        return False
    kinds = _kind(first.instruction), _kind(second.instruction)
    if kinds[0] == "branch" or (kinds[0] == kinds[1] and kinds[0] in ("multiply", "store", "branch", "simd")):
        return False
    return not (_written(first.instruction) & _read(second.instruction))


def _written(instruction: Instruction) -> set[str]:
    """Registers that the instruction changes."""
    registers = _registers(instruction.operands)
    kind = _kind(instruction)
    silent = kind in ("store", "branch") or re.fullmatch(r"cm[pn]|tst|teq|nop|it[te]*", instruction.base)
    changed = set() if silent else set(registers[: 2 if instruction.base == "ldrd" else 1])
    if "]!" in instruction.operands or "]," in instruction.operands:
        changed |= set(_registers(instruction.operands[instruction.operands.find("[") :])[:1])
    return changed


def _read(instruction: Instruction) -> set[str]:
    """Registers that the instruction needs."""
    registers = _registers(instruction.operands)
    accumulates = instruction.base.startswith("sm") or len(registers) == 1
    return set(registers if _kind(instruction) == "store" or accumulates else registers[1:])


def _registers(operands: str) -> list[str]:
    return re.findall(r"\b(?:r\d+|sb|sl|fp|ip|sp|lr)\b", operands)
