"""What a place has answered so far, on disk: an interrupted validation goes on where it stopped."""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from edgewright.errors import UsageError
from edgewright.run.runner import Array, Runner, unpack

#: A record: its number, a digest of the inputs, the length of the outputs; then those, and a CRC-32 over all of it.
_RECORD = struct.Struct("<I16sI")
_CRC = struct.Struct("<I")
_MAGIC = b"edgewright journal 1\n"


class Journal:
    """A file of outputs in the order of the samples; a process that is killed leaves at most one record unfinished."""

    def __init__(self, path: Path, key: str, *, fresh: bool = False) -> None:
        """Opens `path` and reads what it holds for `key`; a file for another key is started anew, as is any if `fresh`.

        Raises:
            UsageError: it cannot be written, or another process is writing it.
        """
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"{path.name}: another validation of this place is running; wait for it") from None
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
        head = _MAGIC + hashlib.sha256(key.encode()).digest()
        held = b"" if fresh else _read_all(self._file)
        self._kept: list[tuple[bytes, bytes, int]] = []
        if held.startswith(head):
            self._kept, end = _records(held, len(head))
        else:
            end = len(head)
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, head, 0)
        self._cut(end)
        self._next = 0

    def __len__(self) -> int:
        """How many samples it holds."""
        return len(self._kept)

    def take(self, digest: bytes) -> bytes | None:
        """The outputs of the next sample, whose inputs have `digest`; None when they are not known.

        What follows a sample with other inputs belongs to other data, and is forgotten.
        """
        if self._next >= len(self._kept):
            return None
        known, outputs, start = self._kept[self._next]
        if known != digest:
            del self._kept[self._next :]
            self._cut(start)
            return None
        self._next += 1
        return outputs

    def add(self, digest: bytes, outputs: bytes) -> None:
        """Keep the outputs of the next sample."""
        record = _RECORD.pack(self._next, digest, len(outputs)) + outputs
        record += _CRC.pack(zlib.crc32(record))
        os.pwrite(self._file, record, self._end)
        self._kept.append((digest, outputs, self._end))
        self._end += len(record)
        self._next += 1

    def remove(self) -> None:
        """Delete it: everything is done."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of it; may be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _cut(self, end: int) -> None:
        os.ftruncate(self._file, end)
        self._end = end


def _read_all(file: int) -> bytes:
    return os.pread(file, os.fstat(file).st_size, 0)


def _records(held: bytes, at: int) -> tuple[list[tuple[bytes, bytes, int]], int]:
    """The sound records from `at` on: digest, outputs and where each begins; and where the last ends."""
    found: list[tuple[bytes, bytes, int]] = []
    while at + _RECORD.size + _CRC.size <= len(held):
        number, digest, length = _RECORD.unpack_from(held, at)
        end = at + _RECORD.size + length
        if number != len(found) or end + _CRC.size > len(held):
            break
        if _CRC.unpack_from(held, end)[0] != zlib.crc32(held[at:end]):
            break
        found.append((digest, held[at + _RECORD.size : end], at))
        at = end + _CRC.size
    return found, at


class JournaledRunner(Runner):
    """A runner whose answers are kept; those of an earlier, interrupted validation are not asked for again."""

    def __init__(self, runner: Runner, journal: Journal) -> None:
        super().__init__(runner.manifest)
        self.info = runner.info
        self.journal = journal
        self._runner = runner

    def infer(self, inputs: Sequence[Array]) -> list[Array]:
        data = self._packed(inputs)
        digest = hashlib.sha256(data).digest()[:16]
        kept = self.journal.take(digest)
        if kept is None:
            outputs = self._runner.infer(inputs)
            self.last_cost = self._runner.last_cost
            kept = b"".join(array.tobytes() for array in outputs)
            self.journal.add(digest, kept)
        return unpack(kept, self.manifest.outputs)

    def selftest(self) -> int:
        return self._runner.selftest()

    def _run(self, data: bytes) -> bytes:
        return self._runner._run(data)

    def _trace(self, data: bytes, stop_after: int | None) -> tuple[list[int], bytes]:
        result = self._runner._trace(data, stop_after)
        self.last_layer_times = self._runner.last_layer_times
        return result

    def close(self) -> None:
        self.journal.close()
        self._runner.close()


def journaled(runner: Runner, folder: Path, place: str, *, fresh: bool = False) -> JournaledRunner:
    """`runner`, with its answers at `place` kept in `folder`, for this model and this build of the firmware.

    Raises:
        UsageError: `folder` cannot be written, or another process validates there.
    """
    key = "\n".join((place, runner.info.board, runner.info.cpu, runner.info.build, runner.info.model_sha256))
    name = f"journal-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
    try:
        return JournaledRunner(runner, Journal(folder / name, key, fresh=fresh))
    except BaseException:
        runner.close()
        raise
