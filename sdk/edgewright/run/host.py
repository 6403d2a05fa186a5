"""The model as a shared library in this process."""

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import cffi

from edgewright.artifact import Manifest
from edgewright.build import BuildResult
from edgewright.errors import LinkError, UsageError
from edgewright.run.runner import RunCost, Runner, RunnerInfo
from edgewright.targets import host_cpu

_DECLARATIONS = """
int ew_model_start(void);
int ew_model_run(void);
int ew_model_selftest(void);
int8_t *ew_model_at(int side, uint32_t offset, uint32_t *room);
uint32_t ew_model_bytes(int side);
const char *ew_model_sha256(void);
typedef struct { uint32_t crc, time; } ew_trace_record_t;
typedef struct {
    const ew_trace_record_t *records; uint32_t count; const uint8_t *stopped; uint32_t stopped_bytes;
} ew_trace_t;
int ew_trace_run(uint32_t stop_after, ew_trace_t *trace);
"""
_INPUTS, _OUTPUTS = 0, 1
_NO_STOP = 0xFFFFFFFF
_STOPPED = 1


class HostRunner(Runner):
    """One private instance of the library: it is loaded from a copy, as the loader shares equal paths."""

    def __init__(self, manifest: Manifest, library: Path, build_id: str) -> None:
        super().__init__(manifest)
        self._ffi = cffi.FFI()
        self._ffi.cdef(_DECLARATIONS)
        with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
            copy = shutil.copy(library, folder)
            try:
                self._library: Any = self._ffi.dlopen(str(copy))
            except OSError as error:
                raise LinkError(f"{library.name}: cannot be loaded: {error}; build for this machine's CPU") from None
        status = self._library.ew_model_start()
        if status:
            raise LinkError(f"{library.name}: {manifest.name}_init returns {status} (see ew.h); build again")
        sha = self._ffi.string(self._library.ew_model_sha256()).decode()
        if sha != manifest.model.sha256:
            raise LinkError(f"{library.name}: model {sha[:12]}, manifest {manifest.model.sha256[:12]}; build again")
        self.info = RunnerInfo("host", manifest.target.cpu.name, "", build_id, sha)

    def _run(self, data: bytes) -> bytes:
        self._put(data)
        started = time.perf_counter_ns()
        status = self._library.ew_model_run()
        elapsed = time.perf_counter_ns() - started
        if status:
            raise LinkError(f"host: {self.manifest.name}_run returns {status} (see ew.h); build again")
        self.last_cost = RunCost(time=elapsed, time_unit="nanoseconds")
        return b"".join(bytes(part) for part in self._parts(_OUTPUTS))

    def _trace(self, data: bytes, stop_after: int | None) -> tuple[list[int], bytes]:
        self._put(data)
        trace = self._ffi.new("ew_trace_t *")
        status = self._library.ew_trace_run(_NO_STOP if stop_after is None else stop_after, trace)
        if status not in (0, _STOPPED):
            raise LinkError(f"host: {self.manifest.name}_run returns {status} (see ew.h); build again")
        crcs = [int(trace.records[i].crc) for i in range(trace.count)]
        self.last_layer_times = [int(trace.records[i].time) for i in range(trace.count)]
        output = bytes(self._ffi.buffer(trace.stopped, trace.stopped_bytes)) if trace.stopped_bytes else b""
        return crcs, output

    def selftest(self) -> int:
        return int(self._library.ew_model_selftest())

    def close(self) -> None:
        if self._library is not None:
            self._ffi.dlclose(self._library)
            self._library = None

    def _put(self, data: bytes) -> None:
        for part in self._parts(_INPUTS):
            part[:], data = data[: len(part)], data[len(part) :]

    def _parts(self, side: int) -> list[Any]:
        """The contiguous memory of each tensor of a side, as writable buffers."""
        parts, offset = [], 0
        room = self._ffi.new("uint32_t *")
        while (at := self._library.ew_model_at(side, offset, room)) != self._ffi.NULL:
            parts.append(self._ffi.buffer(at, room[0]))
            offset += room[0]
        return parts


def open_host(manifest: Manifest, built: BuildResult) -> HostRunner:
    """The library of a directory that was compiled for this machine.

    Raises:
        UsageError: it was compiled for another CPU.
        LinkError: the library cannot be loaded.
    """
    if built.library is None:
        raise UsageError(
            f"{manifest.name}: compiled for {manifest.target.name}, not the host; compile it for {host_cpu().name}"
        )
    return HostRunner(manifest, built.library, built.build_id)
