"""Tens of thousands of faults on the line between host and firmware: no wrong result is ever accepted."""

from __future__ import annotations

import json
import socket
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from edgewright.artifact import read_manifest
from edgewright.build import build
from edgewright.errors import LinkError
from edgewright.run.emulator import Line, emulator_command
from edgewright.run.frame import Frame
from edgewright.run.link import Link
from edgewright.run.qemu import UartEmulator
from edgewright.run.remote import RemoteRunner
from tests.harness.board_in_process import Board, Rates, compile_board, faulty_board, kinds_of
from tests.harness.faulty_line import FaultRates, FaultyLine
from tests.harness.stub_model import SHA256, stub_inputs, stub_reference, write_stub_model

BAD = Rates(flip=0.05, drop=0.05, repeat=0.08, cut=0.04, late=0.2, stall=0.02, noise=0.05, overrun=0.04, reset=0.002)
ALL_KINDS = {"flip", "drop", "repeat", "cut", "late", "stall", "noise", "overrun", "reset"}
SAMPLES = 40


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_board(write_stub_model(tmp_path_factory.mktemp("faults") / "stub", "x86-64"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Firmware that is alike in everything but its model: its SHA-256, and one byte of its outputs."""
    directory = write_stub_model(tmp_path_factory.mktemp("other") / "stub", "x86-64", run_first="self->arena[0] ^= 1;")
    header = directory / "stub.h"
    text = header.read_text()
    assert SHA256 in text
    header.write_text(text.replace(SHA256, SHA256[::-1]))
    return compile_board(directory)


class Tally:
    """What came of the inferences. wrong: results that were accepted and were not those of the reference."""

    def __init__(self) -> None:
        self.right = self.wrong = self.refused = 0
        self.faults: Counter[str] = Counter()


def run_samples(library: Path, link: type[Link], rates: Rates, seed: int, tally: Tally, other: Path | None) -> None:
    """A session of inferences and traces, each compared with the reference, until a LinkError ends it."""
    manifest = read_manifest(library.parents[1])
    with faulty_board(library, rates, seed, other) as board:
        try:
            with RemoteRunner(manifest, link(board, resend_s=0.05), "board") as runner:
                for k in range(SAMPLES):
                    inputs = stub_inputs(seed * SAMPLES + k)
                    layers = stub_reference(inputs)
                    last, first = runner.infer(inputs)
                    good = [np.array_equal(last.reshape(-1), layers[2]), np.array_equal(first.reshape(-1), layers[0])]
                    if k % 3 == 0:
                        good.append(runner.trace(inputs) == [zlib.crc32(layer.tobytes()) for layer in layers])
                    if k % 9 == 0:
                        good.append(runner.layer_output(1) == layers[1].tobytes())
                    tally.right += all(good)
                    tally.wrong += not all(good)
        except LinkError:
            tally.refused += 1
        finally:
            tally.faults += board.faults


def test_twenty_thousand_faults_and_no_wrong_result(library: Path) -> None:
    tally, seed = Tally(), 0
    while tally.faults.total() < 20_000:
        run_samples(library, Link, BAD, seed, tally, None)
        seed += 1
    assert tally.wrong == 0
    assert tally.right > 2_000, "nearly all results come through in spite of it"
    assert tally.refused < 0.2 * seed
    assert {kind for kind, count in tally.faults.items() if count > 20} == ALL_KINDS


class WithoutSequence(Link):
    """A link that takes any answer of the right type for the answer to its request."""

    @staticmethod
    def _answers(question: Frame, answer: Frame) -> bool:
        return answer.session == question.session and Link._answers(
            question, Frame(answer.type, question.sequence, answer.session, answer.argument)
        )


def test_without_sequence_numbers_wrong_results_are_accepted(library: Path) -> None:
    """The test above can fail: what it proves rests on the sequence number."""
    tally, seed = Tally(), 0
    while tally.faults.total() < 20_000 and not tally.wrong:
        run_samples(library, WithoutSequence, BAD, seed, tally, None)
        seed += 1
    assert tally.wrong > 0


def test_another_model_in_the_middle_is_noticed(library: Path, other: Path) -> None:
    tally = Tally()
    rates = Rates(late=0.1, repeat=0.05, drop=0.02, swap=0.01)
    for seed in range(60):
        run_samples(library, Link, rates, seed, tally, other)
    assert tally.wrong == 0
    assert tally.faults["swap"] > 20
    assert tally.refused > 20, "a board with another model ends the session"


def test_the_firmware_in_this_process_is_the_real_one(library: Path) -> None:
    board = Board(library)
    assert kinds_of(board.feed(b"")) == [0x72], "BOOT"
    manifest = read_manifest(library.parents[1])
    board.close()
    with faulty_board(library, Rates()) as good, RemoteRunner(manifest, Link(good), "board") as runner:
        assert runner.info.build == "in-process"
        assert runner.selftest() == 0
        runner.reset()
        assert (runner.info.boot_count, runner.info.reset_cause) == (2, "requested")
        assert good.faults.total() == 0


class Monitor:
    """The QEMU Machine Protocol on a socket: what presses the reset button."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None

    def reset(self) -> None:
        """Start the machine anew."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(str(self._path))
            self._ask({"execute": "qmp_capabilities"})
        self._ask({"execute": "system_reset"})

    def _ask(self, command: dict[str, str]) -> None:
        assert self._socket
        self._socket.sendall(json.dumps(command).encode() + b"\n")
        said = b""
        while b'"return"' not in said:
            said += self._socket.recv(4096)

    def close(self) -> None:
        if self._socket:
            self._socket.close()


def test_five_hundred_faults_on_the_uart_of_an_emulated_board(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4", "mps2-an386")
    manifest, built = read_manifest(directory), build(directory)
    assert built.elf
    command = emulator_command(manifest.target, built.elf, line=Line.UART)
    monitor = Monitor(tmp_path / "qmp")
    emulator = UartEmulator([*command, "-qmp", f"unix:{tmp_path}/qmp,server=on,wait=off"])
    rates = FaultRates(drop=0.03, repeat=0.06, damage=0.04, late=0.12, cut=0.02, overrun=0.03, stall=0.05, reset=0.004)
    line = FaultyLine(emulator.url, rates, reset=monitor.reset)
    right = refused = 0
    try:
        link = Link(line.url, resend_s=0.02)
        with RemoteRunner(manifest, link, "emulator") as runner:
            while sum(line.faults.values()) < 500:
                inputs = stub_inputs(right + refused)
                layers = stub_reference(inputs)
                try:
                    last, first = runner.infer(inputs)
                    crcs = runner.trace(inputs)
                except LinkError as error:
                    if "attempts gave no sound result" not in str(error):
                        raise
                    refused += 1
                    continue
                np.testing.assert_array_equal(last.reshape(-1), layers[2])
                np.testing.assert_array_equal(first.reshape(-1), layers[0])
                assert crcs == [zlib.crc32(layer.tobytes()) for layer in layers]
                right += 1
    finally:
        line.close()
        monitor.close()
        emulator.stop()
    assert all(line.faults.values()), f"every fault happened: {line.faults}"
    assert right > 50
    assert refused <= 0.1 * right
