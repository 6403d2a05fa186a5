"""Running a program under QEMU with the counting plugin."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from edgewright.build.tools import find_tool, run_tool
from edgewright.errors import ToolError
from edgewright.paths import data_folder
from edgewright.run.emulator import emulator_command
from edgewright.targets import FlashTiming, Target

TIMEOUT_S = 900
PLUGIN = "qemu_count.so"


@dataclass(frozen=True)
class Counts:
    """Events as QEMU reports them: one load per vector element, one per word of LDM or LDRD."""

    instructions: int = 0
    loads: int = 0
    stores: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.instructions + other.instructions, self.loads + other.loads, self.stores + other.stores)


@dataclass(frozen=True)
class Call:
    """A call that the function made; `own` are the function's own instructions since the call before."""

    own: int
    cost: Counts


@dataclass(frozen=True)
class Place:
    """What the instruction at `address`, `bytes` long, did.

    misses: lines of flash that it brought into the cache, for itself or for its block of code. splits: accesses
    beyond the first that its unaligned data took.
    """

    address: int
    bytes: int
    executed: int
    loads: int
    stores: int
    taken: int
    misses: int = 0
    splits: int = 0


@dataclass(frozen=True)
class Measurement:
    """One call of the measured function, from entering to leaving it.

    rest: own instructions after the last call. total: everything. places: per address, for a run that was
    asked for them; they include what the program did after the call.
    """

    calls: tuple[Call, ...]
    rest: int
    total: Counts
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Probe:
    """What to measure: code addresses. stop ends the program; fail means that it failed; 0 for none."""

    low: int
    high: int
    stop: int = 0
    fail: int = 0


def measure(
    target: Target, program: Path, probe: Probe, folder: Path, *, each: bool = False, flash: FlashTiming | None = None
) -> Measurement:
    """The cost of the function at `probe` in one run of `program`; the plugin is kept in `folder`.

    each: count every address. flash: for the misses of each address, when it has wait states.

    Raises:
        ToolError: no compiler or emulator, or the program did not run to its end.
    """
    plugin = built_plugin(folder)
    with tempfile.TemporaryDirectory(prefix="edgewright-") as scratch:
        out = Path(scratch) / "counts"
        addresses = f"lo={probe.low:#x},hi={probe.high:#x},stop={probe.stop:#x},fail={probe.fail:#x}"
        argument = f"{plugin},out={out},{addresses},each={int(each)}"
        if flash and flash.wait_states:
            argument += f",line={flash.line_bytes},code={flash.code_lines},data={flash.data_lines}"
            argument += f",ways={flash.ways},ahead={int(flash.prefetch)}"
        command = emulator_command(target, program, plugin=argument)
        try:
            done = subprocess.run(
                [find_tool(command[0]), *command[1:]],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ToolError(
                f"{program.name}: still running after {TIMEOUT_S} s in {command[0]}; profile a smaller model"
            ) from None
        text = out.read_text() if out.exists() else ""
    ending = text.splitlines()[-1] if text else ""
    if ending != "end":
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        why = "the program faulted" if ending == "fail" else (said or ["no message"])[0]
        raise ToolError(f"{program.name}: {command[0]} counted nothing (status {done.returncode}): {why}; run validate")
    return parse(text)


def parse(text: str) -> Measurement:
    """The plugin's output; its format is described in `targets/support/qemu_count.c`."""
    calls: list[Call] = []
    places: list[Place] = []
    rest = 0
    own_memory = (0, 0)
    for line in text.splitlines():
        kind, *words = line.split()
        numbers = [int(word) for word in words]
        if kind == "call":
            calls.append(Call(numbers[0], Counts(*numbers[1:])))
        elif kind == "rest":
            rest, own_memory = numbers[0], (numbers[1], numbers[2])
        elif kind == "at":
            places.append(Place(*numbers))
    total = Counts(rest + sum(call.own for call in calls), *own_memory)
    for call in calls:
        total += call.cost
    return Measurement(tuple(calls), rest, total, tuple(sorted(places, key=lambda place: place.address)))


def built_plugin(folder: Path) -> Path:
    """The plugin, compiled into `folder` unless it is there already."""
    source = data_folder("targets") / "support" / "qemu_count.c"
    plugin = folder.resolve() / PLUGIN
    if plugin.exists() and plugin.stat().st_mtime >= source.stat().st_mtime:
        return plugin
    with tempfile.TemporaryDirectory(prefix=".plugin-", dir=folder) as scratch:
        made = Path(scratch) / PLUGIN
        done = run_tool(["gcc", "-O2", "-shared", "-fPIC", "-o", str(made), str(source)])
        if done.returncode:
            raise ToolError(f"{source.name}: gcc failed: {(done.stderr.splitlines() or ['no message'])[0]}; report it")
        made.replace(plugin)
    return plugin
