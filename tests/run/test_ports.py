"""Serial ports: finding the board's, opening it, and one line for each thing that can be wrong with it."""

from __future__ import annotations

import dataclasses
import errno
import os
import pty
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial

from edgewright.artifact import Manifest, read_manifest
from edgewright.errors import LinkError, UsageError
from edgewright.run import device
from edgewright.run.device import open_device
from edgewright.run.diagnosis import Heard, explain_silence
from edgewright.run.link import Link
from edgewright.run.port import PortLostError, WorkerPort, open_port
from edgewright.run.ports import device_place, explain, found_ports, split_device, the_port
from tests.harness.board_in_process import Board, compile_board
from tests.harness.stub_model import write_stub_model


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_board(write_stub_model(tmp_path_factory.mktemp("ports") / "stub", "x86-64"))


@pytest.fixture(scope="module")
def manifest(library: Path) -> Manifest:
    return read_manifest(library.parents[1])


def usb(name: str, what: str) -> SimpleNamespace:
    return SimpleNamespace(device=name, description=what, hwid="USB", vid=0x0483)


def connected(monkeypatch: pytest.MonkeyPatch, *found: SimpleNamespace) -> None:
    others = [SimpleNamespace(device="/dev/ttyS0", description="n/a", hwid="n/a", vid=None)]
    monkeypatch.setattr("edgewright.run.ports.list_ports.comports", lambda: [*found, *others])


def test_the_only_board_is_found_and_several_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    connected(monkeypatch, usb("/dev/ttyACM0", "STLINK-V3"))
    assert the_port() == "/dev/ttyACM0"
    connected(monkeypatch, usb("/dev/ttyACM1", "J-Link"), usb("/dev/ttyACM0", "STLINK-V3"))
    with pytest.raises(LinkError, match=r"2 ports: /dev/ttyACM0 \(STLINK-V3\), /dev/ttyACM1 \(J-Link\); choose one"):
        the_port()
    connected(monkeypatch)
    assert found_ports() == []
    with pytest.raises(LinkError, match="no board is connected by USB; plug it in, or name its port with --port"):
        the_port()


@pytest.mark.parametrize(
    ("place", "port", "baud", "wanted"),
    [
        ("host", "/dev/x", 9600, "host"),
        ("emulator", None, None, "emulator"),
        ("device", None, None, "device"),
        ("device", "/dev/x", None, "device:/dev/x"),
        ("device:/dev/x", None, 9600, "device:/dev/x@9600"),
        ("device", None, 921600, "device@921600"),
        ("device:rfc2217://host:7000", None, 9600, "device:rfc2217://host:7000@9600"),
        ("device:/dev/x@1200", None, 9600, "device:/dev/x@9600"),
    ],
)
def test_a_place_with_its_port_and_rate(place: str, port: str | None, baud: int | None, wanted: str) -> None:
    assert device_place(place, port, baud) == wanted
    if wanted.startswith("device"):
        name, rate = split_device(wanted)
        assert device_place("device", name, rate) == wanted


def test_ports_and_rates_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match="names a port, too"):
        device_place("device:/dev/x", "/dev/y", None)
    with pytest.raises(UsageError, match="--baud 0: must be positive"):
        device_place("device", None, 0)


@contextmanager
def terminal(serve: Callable[[bytes, int], bytes]) -> Iterator[str]:
    """A serial port: its name. serve: what the other end answers to bytes that were sent at a baud rate."""
    try:
        near, far = pty.openpty()
        name = os.ttyname(far)
    except OSError as error:
        pytest.skip(f"no pseudo-terminal to stand for the cable, is /dev/pts mounted? ({error})")
    tty.setraw(near)
    tty.setraw(far)
    rates = {getattr(termios, f"B{rate}"): rate for rate in (1200, *device.BAUDS)}

    def relay() -> None:
        try:
            while data := os.read(near, 4096):
                os.write(near, serve(data, rates.get(termios.tcgetattr(far)[4], 0)))
        except (OSError, termios.error):
            return

    thread = threading.Thread(target=relay, daemon=True)
    thread.start()
    try:
        yield name
    finally:
        for end in (far, near):
            os.close(end)


def at_rate(board: Board, rate: int) -> Callable[[bytes, int], bytes]:
    """The board at one baud rate, and what a UART makes of its bytes at another."""

    def serve(data: bytes, used: int) -> bytes:
        return board.feed(data) if used == rate else bytes((17 * byte + 201) & 0xFE | 0x80 for byte in data[:24])

    return serve


def test_a_serial_port_is_used_through_a_process_that_can_be_killed(library: Path, manifest: Manifest) -> None:
    board = Board(library)
    with terminal(at_rate(board, 115_200)) as name:
        with open_device(manifest, name, build_id="in-process") as runner:
            assert runner.selftest() == 0
        with open_device(manifest, name) as runner:  # the port was let go of
            assert runner.info.place == f"device:{name}"


def test_the_rate_that_the_board_speaks_is_found(library: Path, manifest: Manifest) -> None:
    with terminal(at_rate(Board(library), 921_600)) as name:
        with pytest.raises(LinkError, match=f"{name}: answers at 921600 baud, not at 115200; give --baud 921600"):
            open_device(manifest, name, greet_s=0.6)
        with open_device(manifest, name, baud=921_600) as runner:
            assert runner.selftest() == 0


def test_each_kind_of_wrong_other_end_has_its_own_line(manifest: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "BAUDS", ())
    ends = {
        r"no answer to HELLO within 0\.6 s: not a byte came; is it the right port": lambda data, rate: b"",
        "another firmware answers: 'Blinky 1.2 ready'; flash the runner": lambda d, r: b"Blinky 1.2 ready\r\n> \r\n",
        r"[\d,]+ bytes came and no frame among them; is something else": lambda d, r: bytes(range(128, 160)),
    }
    for message, serve in ends.items():
        with terminal(serve) as name, pytest.raises(LinkError, match=message) as caught:
            open_device(manifest, name, greet_s=0.6)
        assert "\n" not in str(caught.value)


def test_another_model_and_a_stale_image_are_told_apart(library: Path, manifest: Manifest) -> None:
    other = dataclasses.replace(manifest, model=dataclasses.replace(manifest.model, sha256="f" * 64))
    with terminal(at_rate(Board(library), 115_200)) as name:
        with pytest.raises(LinkError, match="runs model 001122334455, the directory holds ffffffffffff; flash it"):
            open_device(other, name)
        stale = "runs build in-process of this model, the directory holds 0123456789ab; flash it again"
        with pytest.raises(LinkError, match=stale):
            open_device(manifest, name, build_id="0123456789abcdef")


def test_a_port_in_use_names_who_uses_it() -> None:
    with terminal(lambda data, rate: b"") as name:
        script = (
            f"import serial, time; p = serial.Serial({name!r}, exclusive=True); print(1, flush=True); time.sleep(60)"
        )
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as user:
            assert user.stdout
            user.stdout.readline()
            with pytest.raises(LinkError, match=rf"{name}: cannot be opened: in use by .*\d+\); end it first"):
                open_port(name, 115_200)
            user.kill()


def test_why_a_port_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    connected(monkeypatch, usb("/dev/ttyACM0", "STLINK-V3"))
    for number, message in {
        errno.ENOENT: r"there is no such port; those of USB devices: /dev/ttyACM0 \(STLINK-V3\)",
        errno.EACCES: r"permission denied; add yourself to the group",
        errno.EBUSY: "in use by another program",
        errno.EIO: "Input/output error; check the port's name",
    }.items():
        with pytest.raises(AssertionError, match=message):
            raise AssertionError(explain("/dev/ttyX", f"{number} {os.strerror(number)}"))
    with pytest.raises(LinkError, match="there is no such port"):
        open_port("/dev/no-such-port", 9600)
    with pytest.raises(LinkError, match="nowhere:1: cannot be opened"):
        open_port("socket://nowhere:1", 9600)


def test_a_port_that_vanishes_is_an_error(library: Path, manifest: Manifest) -> None:
    with terminal(at_rate(Board(library), 115_200)) as name:
        runner = open_device(manifest, name)
    with pytest.raises(LinkError, match=f"{name}: the port vanished: .*; connect it again"):
        runner.selftest()
    runner.close()


def test_a_driver_that_hangs_hangs_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgewright.run.port.WRITE_S", 0.3)
    with terminal(lambda data, rate: b"") as name:
        port = WorkerPort(name, 115_200)
        os.kill(port._process.pid, signal.SIGSTOP)
        assert port.read(0.05) == b""
        with pytest.raises(PortLostError, match=r"its driver takes no bytes for 0\.3 s"):
            port.write(bytes(4_000_000))
        start = time.monotonic()
        port.close()
        assert time.monotonic() - start < 3
        assert port._process.poll() == -signal.SIGKILL


def test_a_driver_that_does_not_open_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hanging = tmp_path / "worker.py"
    hanging.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr("edgewright.run.port._WORKER", hanging)
    with pytest.raises(LinkError, match=r"its driver does not open the port within 0\.5 s; unplug it"):
        WorkerPort("/dev/ttyX", 9600, open_s=0.5)


def test_a_port_of_another_machine(library: Path, manifest: Manifest) -> None:
    """`rfc2217://`: pyserial's own server side is at the other end."""
    from serial import rfc2217

    board, stop = Board(library), threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        manager = rfc2217.PortManager(serial.serial_for_url("loop://"), SimpleNamespace(write=connection.sendall))
        connection.settimeout(0.1)
        while not stop.is_set():
            try:
                data = connection.recv(4096)
            except TimeoutError:
                continue
            if not data:
                return
            answer = board.feed(b"".join(manager.filter(data)))
            connection.sendall(b"".join(manager.escape(answer)))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        url = f"rfc2217://127.0.0.1:{listener.getsockname()[1]}"
        with open_device(manifest, url) as runner:
            assert runner.selftest() == 0
    finally:
        stop.set()
        thread.join()
        listener.close()


def test_a_frame_that_is_cut_off_is_asked_for_again_at_once(library: Path) -> None:
    """The rest of a frame does not come: after the gap between bytes, not after the whole pause."""

    class Cutting(Board):
        cuts = 1

        def feed(self, data: bytes) -> bytes:
            sent = super().feed(data)
            if self.cuts and len(sent) > 60:
                self.cuts -= 1
                return sent[:-30]
            return sent

    with terminal(at_rate(Cutting(library), 115_200)) as name:
        link = Link(name, resend_s=30.0)
        start = time.monotonic()
        assert len(link.hello(answer_s=20.0)) > 60
        assert time.monotonic() - start < 5
        assert (link.counters.cut_frames, link.counters.resends) == (1, 1)
        link.close()


def test_silence_with_frames_for_others_is_not_silence() -> None:
    heard = Heard(total_bytes=90, frames=2)
    assert "does another program use the port?" in explain_silence(heard, 9600)
