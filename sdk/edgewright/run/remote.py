"""A runner at the other end of a link: an emulator or a device."""

import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from edgewright.artifact import Manifest
from edgewright.errors import LinkError
from edgewright.run.frame import PAYLOAD_BYTES, VERSION, Area, Type
from edgewright.run.link import Link, SessionLostError
from edgewright.run.runner import RunCost, Runner, RunnerInfo

RUN_S = 600.0
_GREET_S = 20.0
_HELLO = struct.Struct("<BBHIIIiIIII64s")
_RUN = struct.Struct("<iIIII")
_STATS = struct.Struct("<8I")
_RESET_CAUSES = {0: "power on", 1: "requested", 2: "unexpected"}
_TIME_UNITS = {0: None, 1: "cycles", 2: "nanoseconds"}
_STOPPED = 1
_NO_STOP = 0xFFFFFFFF
_ATTEMPTS = 4
#: How long a program that has run out of time may take to say so: two periods of SysTick at 8 MHz.
_TELL_S = 5.0

Result = TypeVar("Result")


@dataclass(frozen=True)
class RunnerStats:
    """Counters of the firmware since its start; stack bytes are 0 where unknown."""

    boot_count: int
    reset_cause: str
    stack_bytes: int
    stack_used_bytes: int
    bytes_lost: int
    frames_accepted: int
    frames_rejected: int
    runs: int


@dataclass(frozen=True)
class _Outcome:
    """The answer to RUN and TRACE."""

    status: int
    input_crc: int
    output_crc: int
    third: int
    fourth: int


class RemoteRunner(Runner):
    """Speaks the protocol of `runtime_c/runner`; every transfer is checked end to end by CRC-32."""

    def __init__(
        self,
        manifest: Manifest,
        link: Link,
        place: str,
        *,
        on_close: Callable[[], None] = lambda: None,
        greet_s: float = _GREET_S,
        run_s: float = RUN_S,
        build_id: str = "",
        program: Path | None = None,
    ) -> None:
        """Greets the runner. `on_close` is called after the link was closed, also when greeting fails.

        run_s: what a run may take. build_id: of the firmware that must run there, "" for any. program: its ELF, to
        name places in it.

        Raises:
            LinkError: no answer within `greet_s` seconds, or another model or another build runs there.
        """
        super().__init__(manifest)
        self._build_id = build_id
        link.program = program
        self._link = link
        self._on_close = on_close
        self._run_s = run_s
        self._run_id = 0
        self._time_unit: str | None = None
        try:
            self.info = self._greet(place, greet_s)
        except BaseException:
            self.close()
            raise

    def _greet(self, place: str, greet_s: float) -> RunnerInfo:
        """Opens a session; again when the runner starts anew meanwhile, as boards do when a port is opened."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._greet_once(place, greet_s)
            except SessionLostError:
                continue
        return self._greet_once(place, greet_s)

    def _greet_once(self, place: str, greet_s: float) -> RunnerInfo:
        where = self._link.where
        payload = self._link.hello(answer_s=greet_s)
        if len(payload) != _HELLO.size:
            raise LinkError(f"{where}: greets with {len(payload)} bytes, not {_HELLO.size}; flash a matching runner")
        oldest, newest, limit, boots, cause, unit, status, in_bytes, out_bytes, layers, info_bytes, sha = _HELLO.unpack(
            payload
        )
        if not oldest <= VERSION <= newest or limit < PAYLOAD_BYTES:
            raise LinkError(f"{where}: speaks protocol {oldest} to {newest}, not {VERSION}; flash a matching runner")
        model = self.manifest
        if sha.decode("ascii", "replace") != model.model.sha256:
            theirs, ours = sha[:12].decode("ascii", "replace"), model.model.sha256[:12]
            raise LinkError(f"{where}: runs model {theirs}, the directory holds {ours}; flash it first")
        if status != 0:
            raise LinkError(f"{where}: {model.name}_init returns {status} (see ew.h); build and flash again")
        sizes = (sum(t.bytes for t in model.inputs), sum(t.bytes for t in model.outputs), len(model.layers))
        if (in_bytes, out_bytes, layers) != sizes:
            theirs = (in_bytes, out_bytes, layers)
            raise LinkError(f"{where}: input, output bytes and layers are {theirs}, not {sizes}; build and flash again")
        self._time_unit = _TIME_UNITS.get(unit)
        info = json.loads(self._get(Area.INFO, info_bytes))
        if self._build_id and info["build"] != self._build_id:
            builds = f"build {info['build'][:12]} of this model, the directory holds {self._build_id[:12]}"
            raise LinkError(f"{where}: runs {builds}; flash it again: edgewright flash")
        self._run_id = 0
        return RunnerInfo(
            place=place,
            cpu=info["cpu"],
            board=info["board"],
            build=info["build"],
            model_sha256=model.model.sha256,
            boot_count=boots,
            reset_cause=_RESET_CAUSES.get(cause, f"code {cause}"),
        )

    def selftest(self) -> int:
        return int.from_bytes(self._link.request(Type.SELFTEST, 0, answer_s=self._run_s), "little", signed=True)

    def stats(self) -> RunnerStats:
        """Counters of the firmware."""
        words = _STATS.unpack(self._link.request(Type.STATS, 0))
        return RunnerStats(words[0], _RESET_CAUSES.get(words[1], f"code {words[1]}"), *words[2:])

    def reset(self) -> None:
        """Starts the firmware anew and greets it."""
        self._link.request(Type.RESET, 0)
        self._link.await_boot()
        self.info = self._greet(self.info.place, _GREET_S)

    def close(self) -> None:
        self._link.close()
        self._on_close()

    def _run(self, data: bytes) -> bytes:
        def attempt() -> bytes | None:
            outcome = self._execute(Type.RUN, data, self._limit())
            if outcome is None:
                return None
            output = self._get(Area.OUTPUT, sum(t.bytes for t in self.manifest.outputs))
            if zlib.crc32(output) != outcome.output_crc:
                return None
            self.last_cost = RunCost(
                outcome.third if self._time_unit else None, self._time_unit, outcome.fourth or None
            )
            return output

        return self._persist(attempt)

    def _trace(self, data: bytes, stop_after: int | None) -> tuple[list[int], bytes]:
        def attempt() -> tuple[list[int], bytes] | None:
            stop = _NO_STOP if stop_after is None else stop_after
            outcome = self._execute(Type.TRACE, data, struct.pack("<I", stop) + self._limit())
            if outcome is None:
                return None
            records = self._get(Area.TRACE, 8 * outcome.third)
            crcs, times = (list(column) for column in zip(*struct.iter_unpack("<II", records), strict=True))
            self.last_layer_times = times
            output = self._get(Area.LAYER, outcome.fourth)
            if stop_after is not None and (not crcs or zlib.crc32(output) != crcs[-1]):
                return None
            return crcs, output

        return self._persist(attempt)

    def _persist(self, attempt: Callable[[], Result | None]) -> Result:
        """What `attempt` gives, tried anew when the runner was reset or a checksum tells of a bad transfer."""
        lost = False
        for _ in range(_ATTEMPTS):
            try:
                if lost:
                    self.info = self._greet(self.info.place, _GREET_S)
                    lost = False
                result = attempt()
            except SessionLostError:
                lost = True
                continue
            if result is not None:
                return result
        raise LinkError(f"{self._link.where}: {_ATTEMPTS} attempts gave no sound result; check cable and power")

    def _limit(self) -> bytes:
        """How long the program may compute, for it to tell where it hangs."""
        return struct.pack("<I", min(round(1000 * self._run_s), 0xFFFF_FFFF))

    def _execute(self, kind: Type, data: bytes, payload: bytes = b"") -> _Outcome | None:
        """Sends the inputs and runs; None when the runner held other inputs than `data`."""
        for offset in range(0, len(data), PAYLOAD_BYTES):
            self._link.request(Type.PUT, offset, data[offset : offset + PAYLOAD_BYTES])
        self._run_id += 1
        answer = self._link.request(kind, self._run_id, payload, answer_s=self._run_s + _TELL_S)
        outcome = _Outcome(*_RUN.unpack(answer))
        if outcome.input_crc != zlib.crc32(data):
            return None
        if outcome.status not in (0, _STOPPED):
            name = f"{self.manifest.name}_run"
            raise LinkError(f"{self._link.where}: {name} returns {outcome.status} (see ew.h); build again")
        return outcome

    def _get(self, area: Area, count: int) -> bytes:
        parts = []
        for offset in range(0, count, PAYLOAD_BYTES):
            length = min(PAYLOAD_BYTES, count - offset)
            part = self._link.request(Type.GET, offset, struct.pack("<BxH", area, length))
            if len(part) != length:
                raise LinkError(f"{self._link.where}: {len(part)} bytes for {length}; flash a matching runner")
            parts.append(part)
        return b"".join(parts)
