"""The journal of a validation: wherever it is interrupted, the rest gives the same answers."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from edgewright.artifact import read_manifest
from edgewright.errors import LinkError, UsageError
from edgewright.run.journal import Journal, JournaledRunner, journaled
from edgewright.run.runner import Array, Runner, RunnerInfo
from tests.harness.stub_model import SHA256, stub_inputs, stub_reference, write_stub_model

SAMPLES = 25


class Counting(Runner):
    """The stub model in NumPy; it counts what it is asked for, and is unplugged after so many inferences."""

    def __init__(self, directory: Path, unplugged_after: int = 10**9, build: str = "b1") -> None:
        super().__init__(read_manifest(directory))
        self.info = RunnerInfo("device:x", "cortex-m4", "board", build, SHA256)
        self.asked = 0
        self._left = unplugged_after

    def _run(self, data: bytes) -> bytes:
        if self.asked == self._left:
            raise LinkError("device:x: the port vanished")
        self.asked += 1
        x = np.frombuffer(data, np.int8)
        layers = stub_reference([x[:10], x[10:]])
        return layers[2].tobytes() + layers[0].tobytes()

    def _trace(self, data: bytes, stop_after: int | None) -> tuple[list[int], bytes]:
        return [1, 2, 3], b""

    def selftest(self) -> int:
        return 0

    def close(self) -> None:
        self._left = self.asked


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stub_model(tmp_path_factory.mktemp("journal") / "stub", "cortex-m4")


def answers(runner: Runner, seeds: range = range(SAMPLES)) -> list[bytes]:
    """All outputs for the samples."""
    return [b"".join(a.tobytes() for a in runner.infer(stub_inputs(seed))) for seed in seeds]


def wanted(seeds: range = range(SAMPLES)) -> list[bytes]:
    layers = [stub_reference(stub_inputs(seed)) for seed in seeds]
    return [layer[2].tobytes() + layer[0].tobytes() for layer in layers]


def test_an_interrupted_run_goes_on_and_gives_the_same(directory: Path, tmp_path: Path) -> None:
    asked = 0
    for part in (7, 1, 0, 9):
        inner = Counting(directory, part)
        with journaled(inner, tmp_path, "device:x") as runner, pytest.raises(LinkError):
            answers(runner)
        asked += inner.asked
    inner = Counting(directory)
    with journaled(inner, tmp_path, "device:x") as runner:
        assert len(runner.journal) == asked == 17
        assert answers(runner) == wanted()
        assert inner.asked == SAMPLES - 17
        assert runner.trace(stub_inputs(0)) == [1, 2, 3]
        runner.journal.remove()
    assert list(tmp_path.iterdir()) == []


def test_whatever_a_kill_leaves_of_the_file_is_enough(directory: Path, tmp_path: Path) -> None:
    """A killed process leaves some beginning of what it would have written, cut anywhere; a crash, garbage."""
    with journaled(Counting(directory), tmp_path, "device:x") as runner:
        answers(runner)
        path = runner.journal.path
    whole, chance = path.read_bytes(), random.Random(5)
    for _ in range(60):
        left = bytearray(whole[: chance.randrange(len(whole) + 1)])
        if left and chance.random() < 0.3:
            left[chance.randrange(len(left))] ^= 1 << chance.randrange(8)
        path.write_bytes(left)
        inner = Counting(directory)
        with journaled(inner, tmp_path, "device:x") as runner:
            kept = len(runner.journal)
            assert answers(runner) == wanted()
            assert inner.asked == SAMPLES - kept
        assert path.read_bytes() == whole


def test_other_firmware_other_data_and_fresh_start_over(directory: Path, tmp_path: Path) -> None:
    def asked(place: str = "device:x", build: str = "b1", first: int = 0, *, fresh: bool = False) -> int:
        inner = Counting(directory, build=build)
        with journaled(inner, tmp_path, place, fresh=fresh) as runner:
            seeds = range(first, first + SAMPLES)
            assert answers(runner, seeds) == wanted(seeds)
        return inner.asked

    assert asked() == SAMPLES
    assert asked() == 0
    assert asked(fresh=True) == SAMPLES
    assert asked(build="b2") == SAMPLES
    assert asked() == SAMPLES, "the file now was that of b2"
    assert asked(place="device:y") == SAMPLES
    assert asked() == 0, "each place has its own"
    assert asked(first=1) == SAMPLES, "other samples"
    assert asked(first=1) == 0


def test_two_validations_of_one_place_do_not_mix(directory: Path, tmp_path: Path) -> None:
    with journaled(Counting(directory), tmp_path, "device:x"):
        with pytest.raises(UsageError, match="another validation of this place is running; wait for it"):
            journaled(Counting(directory), tmp_path, "device:x")
        with journaled(Counting(directory), tmp_path, "device:y") as other:
            assert isinstance(other, JournaledRunner)
    with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
        journaled(Counting(directory), tmp_path / "nowhere", "device:x")


def test_outputs_are_those_that_were_answered(tmp_path: Path, directory: Path) -> None:
    """What is kept is what the place said, right or wrong: a journal does not hide a mismatch."""

    class Wrong(Counting):
        def infer(self, inputs: list[Array]) -> list[Array]:  # type: ignore[override]
            return [array + 1 for array in super().infer(inputs)]

    with journaled(Wrong(directory), tmp_path, "device:x") as runner:
        first = answers(runner)
    with journaled(Counting(directory, 0), tmp_path, "device:x") as runner:
        assert answers(runner) == first != wanted()


_WRITER = """
import sys
from pathlib import Path
from edgewright.run.journal import Journal
journal = Journal(Path(sys.argv[1]), "key")
number = len(journal)
for k in range(number):
    assert journal.take(k.to_bytes(16, "big")) == k.to_bytes(40, "big")
while number < 20000:
    journal.add(number.to_bytes(16, "big"), number.to_bytes(40, "big"))
    number += 1
"""


def test_really_killed_writers_leave_a_journal_to_go_on_with(tmp_path: Path) -> None:
    path, chance, lengths = tmp_path / "journal", random.Random(2), list[int]()
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", _WRITER, str(path)]) as writer:
            while not path.exists() or path.stat().st_size < 100 * (len(lengths) + 1) + sum(lengths):
                assert writer.poll() is None or path.exists()
                time.sleep(0.002)
            time.sleep(chance.random() * 0.02)
            os.kill(writer.pid, signal.SIGKILL)
        journal = Journal(path, "key")
        assert len(journal) >= (lengths[-1] if lengths else 1)
        lengths.append(len(journal))
        assert [journal.take(k.to_bytes(16, "big")) for k in range(3)] == [k.to_bytes(40, "big") for k in range(3)]
        journal.close()
