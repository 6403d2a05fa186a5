"""The runner behind a debug probe: a mailbox in RAM, reached through the debug server of an emulated board."""

from __future__ import annotations

import shutil
import socket
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest

from edgewright import api
from edgewright.artifact import read_manifest
from edgewright.build import build
from edgewright.errors import LinkError, UsageError
from edgewright.run import open_runner
from edgewright.run.debug_server import DebugServer
from edgewright.run.probe import open_probe
from edgewright.run.remote import RemoteRunner
from edgewright.targets import load_board
from tests.harness.emulated_board import emulated
from tests.harness.stub_model import stub_inputs, stub_reference, write_stub_model

needs_gdb = pytest.mark.skipif(
    shutil.which("gdb-multiarch") is None, reason="gdb-multiarch is missing; make setup installs it"
)


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stub has no integer graph; flashing needs none."""
    monkeypatch.setattr("edgewright.artifact.directory.load_graph", lambda path, records: None)


def generated(folder: Path, board: str, run_first: str = "") -> Path:
    """The stub model for a board, complete enough to be flashed."""
    directory = write_stub_model(folder, load_board(board).cpu, board, run_first=run_first)
    for name in ("stub_reference.npz", "stub_model.onnx"):
        (directory / name).write_bytes(b"")
    return directory


@needs_gdb
@pytest.mark.parametrize("board", ["mps2-an386", "mps3-an547", "microbit", "stm32vldiscovery"])
def test_a_board_answers_without_its_uart(board: str, tmp_path: Path) -> None:
    directory = generated(tmp_path / "stub", board)
    with emulated(board) as (server, line):
        api.flash(directory, "gdb", server)
        with open_runner(directory, f"probe:{server}") as runner:
            assert isinstance(runner, RemoteRunner)
            assert (runner.info.place, runner.info.board) == (f"probe:{server}", board)
            for seed in range(40):  # some 1,500 bytes each way, around the rings of 1,024
                inputs = stub_inputs(seed)
                layers = stub_reference(inputs)
                last, first = runner.infer(inputs)
                np.testing.assert_array_equal(last.reshape(-1), layers[2])
                np.testing.assert_array_equal(first.reshape(-1), layers[0])
            assert runner.trace(inputs) == [zlib.crc32(layer.tobytes()) for layer in layers]
            assert runner.layer_output(1) == layers[1].tobytes()
            stats = runner.stats()
            assert (stats.runs, stats.bytes_lost, stats.frames_rejected) == (40, 0, 0)
            boots = runner.info.boot_count
            runner.reset()
            assert runner.info.boot_count == (boots or 0) + 1
            assert runner.selftest() == 0
        with open_runner(directory, f"device:{line}") as runner:
            assert runner.selftest() == 0, "left alone, it uses its UART again"


@needs_gdb
def test_a_fault_and_a_stale_program_are_told_through_the_mailbox(tmp_path: Path) -> None:
    directory = generated(tmp_path / "stub", "mps2-an386")
    crashing = generated(tmp_path / "crash", "mps2-an386", '__asm__ volatile(".short 0xDEFE");')
    with emulated("mps2-an386") as (server, _):
        api.flash(crashing, "gdb", server)
        with open_runner(crashing, f"probe:{server}") as runner, pytest.raises(LinkError, match="faulted"):
            runner.infer(stub_inputs(1))
        build(directory)
        with pytest.raises(LinkError, match=r"runs build .* of this model|opens no mailbox; flash it first"):
            open_runner(directory, f"probe:{server}")


def test_what_is_no_debug_server_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgewright.run.debug_server.ANSWER_S", 0.3)
    with pytest.raises(LinkError, match=r"probe:127\.0\.0\.1:1: no debug server answers .*; start it"):
        DebugServer("127.0.0.1:1")
    with pytest.raises(LinkError, match="give probe:HOST:PORT"):
        DebugServer("nonsense")
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(LinkError, match=r"no answer within 0\.3 s; is it a debug server\?"),
    ):
        DebugServer(f"127.0.0.1:{silent.getsockname()[1]}")
    directory = write_stub_model(tmp_path / "pi", "cortex-a53")
    with pytest.raises(UsageError, match="no runner for a bare board, so no probe reaches it"):
        open_probe(read_manifest(directory), build(directory), "127.0.0.1:1")


class FakeServer:
    """The bytes of a debug server, played from a list: what it expects and what it says."""

    def __init__(self, *exchanges: tuple[bytes, bytes]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, args=(exchanges,))
        self._thread.start()

    def _serve(self, exchanges: tuple[tuple[bytes, bytes], ...]) -> None:
        connection, _ = self._listener.accept()
        with connection:
            for expected, answer in exchanges:
                heard = b""
                while not heard.endswith(expected):
                    data = connection.recv(4096)
                    if not data:
                        return
                    heard += data
                self.heard.append(heard)
                connection.sendall(answer)

    def end(self) -> None:
        self._thread.join(5)
        self._listener.close()


def packet(text: str) -> bytes:
    return b"$" + text.encode() + f"#{sum(text.encode()) & 0xFF:02x}".encode()


def test_damaged_packets_are_asked_for_again_and_stop_replies_are_told_from_answers() -> None:
    fake = FakeServer(
        (packet("?"), b"+" + packet("T05thread:01;")),
        (packet("m20000000,4"), b"+$deadbeef#00"),
        (b"-", packet("T02thread:01;") + packet("deadbeef")),
        (packet("m20000000,4"), b"+" + packet("E14")),
        (packet("M20000000,1:07"), b"+" + packet("E14")),
    )
    server = DebugServer(fake.address)
    assert server.read(0x2000_0000, 4) == bytes.fromhex("deadbeef")
    with pytest.raises(LinkError, match="cannot read 4 bytes at 0x20000000: E14"):
        server.read(0x2000_0000, 4)
    with pytest.raises(LinkError, match="cannot write 1 bytes at 0x20000000: E14"):
        server.write(0x2000_0000, b"\x07")
    with pytest.raises(LinkError, match=r"closed the connection|went away"):
        server.read(0, 4)
    server.close()
    fake.end()
