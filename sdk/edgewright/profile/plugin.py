"""Running a program under QEMU with the counting plugin."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgewright.build.tools import run_tool
from edgewright.errors import ToolError
from edgewright.paths import data_folder
from edgewright.run.emulator import emulator_command
from edgewright.targets import FlashTiming, Target

TIMEOUT_S = 900
PLUGIN = "qemu_count.so"
#: The environment variable that tells the plugin which API to declare.
API = "EDGEWRIGHT_PLUGIN_API"
SOURCES = ("qemu_count.c", "qemu_plugin_api.h")


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
    arguments = f"lo={probe.low:#x},hi={probe.high:#x},stop={probe.stop:#x},fail={probe.fail:#x},each={int(each)}"
    if flash and flash.wait_states:
        arguments += f",line={flash.line_bytes},code={flash.code_lines},data={flash.data_lines}"
        arguments += f",ways={flash.ways},ahead={int(flash.prefetch)}"
    with tempfile.TemporaryDirectory(prefix="edgewright-") as scratch:
        out = Path(scratch) / "counts"
        command = emulator_command(target, program, plugin=f"{plugin},out={out},{arguments}")
        try:
            done = run_counting(command)
        except subprocess.TimeoutExpired:
            raise ToolError(
                f"{program.name}: still running after {TIMEOUT_S} s in {command[0]}; profile a smaller model"
            ) from None
        text = out.read_text() if out.exists() else ""
    ending = text.splitlines()[-1] if text else ""
    if ending != "end":
        _refuse_without_plugins(command[0], done.stderr)
        why = "the program faulted" if ending == "fail" else _first_line(done)
        raise ToolError(f"{program.name}: {command[0]} counted nothing (status {done.returncode}): {why}; run validate")
    return parse(text)


def run_counting(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The finished `command` of an emulator with the plugin; with a newer API when QEMU refused the one it chose.

    Raises:
        ToolError: there is no such emulator.
        subprocess.TimeoutExpired: it took more than `TIMEOUT_S`.
    """
    done = run_tool(command, timeout_s=TIMEOUT_S)
    least = re.search(r"supports only a minimum version of (\d+)", done.stderr)
    return run_tool(command, timeout_s=TIMEOUT_S, environment={API: least[1]}) if least else done


@dataclass(frozen=True)
class CountingApi:
    """Versions of QEMU's plugin interface: the least and the most that an emulator has, and the one that counts."""

    least: int
    most: int
    used: int


def counting_api(emulator: str) -> CountingApi:
    """What the QEMU program `emulator` counts with, asked of itself.

    Raises:
        ToolError: it or gcc is missing, or it cannot count.
    """
    with tempfile.TemporaryDirectory(prefix="edgewright-") as scratch:
        plugin, out = built_plugin(Path(scratch)), Path(scratch) / "api"
        loading = ["-plugin", f"{plugin},out={out},api=1"]
        machine = emulator.startswith("qemu-system-")
        done = run_counting([emulator, *loading, *(["-M", "none", "-display", "none"] if machine else [str(plugin)])])
        words = out.read_text().split() if out.exists() else []
    if words[:1] != ["api"]:
        _refuse_without_plugins(emulator, done.stderr)
        raise ToolError(f"{emulator}: does not take the counting plugin: {_first_line(done)}; report it")
    return CountingApi(*(int(word) for word in words[1:]))


def _refuse_without_plugins(emulator: str, said: str) -> None:
    if re.search("unknown option 'plugin'|-plugin: invalid option|plugin support not enabled", said):
        raise ToolError(
            f"{emulator}: this build of QEMU has no plugins, which counting needs (Debian 13 links the emulators of "
            "Linux programs statically); count on Debian 12 or Ubuntu 24.04, or measure time with --on"
        )


def _first_line(done: subprocess.CompletedProcess[str]) -> str:
    return next((line for line in (done.stderr + done.stdout).splitlines() if line.strip()), "no message")


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
    sources = [data_folder("targets") / "support" / name for name in SOURCES]
    plugin = folder.resolve() / PLUGIN
    if plugin.exists() and plugin.stat().st_mtime >= max(source.stat().st_mtime for source in sources):
        return plugin
    with tempfile.TemporaryDirectory(prefix=".plugin-", dir=folder) as scratch:
        made = Path(scratch) / PLUGIN
        done = run_tool(["gcc", "-O2", "-shared", "-fPIC", "-o", str(made), str(sources[0])])
        if done.returncode:
            raise ToolError(f"{SOURCES[0]}: gcc failed: {_first_line(done)}; report it")
        made.replace(plugin)
    return plugin
