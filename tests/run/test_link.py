"""The protocol: frames, and exchanges over a line that loses, repeats, delays and damages them."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgewright.artifact import Manifest, read_manifest
from edgewright.build import BuildResult, build
from edgewright.errors import LinkError
from edgewright.run.emulator import start_emulator
from edgewright.run.frame import CODED_BYTES, PAYLOAD_BYTES, Frame, decode, encode
from edgewright.run.link import Link
from edgewright.run.qemu import Emulator
from edgewright.run.remote import RemoteRunner
from tests.harness.faulty_line import FaultRates, FaultyLine
from tests.harness.stub_model import stub_inputs, stub_reference, write_stub_model

u16, u32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
frames = st.builds(Frame, st.integers(0, 255), u16, u32, u32, st.binary(max_size=PAYLOAD_BYTES))


@given(frames)
def test_a_frame_survives_the_wire(frame: Frame) -> None:
    coded = encode(frame)
    assert coded[0] == coded[-1] == 0
    assert 0 not in coded[1:-1]
    assert decode(coded[1:-1]) == frame


@given(frames, st.data())
def test_a_damaged_frame_is_rejected(frame: Frame, data: st.DataObject) -> None:
    coded = bytearray(encode(frame)[1:-1])
    coded[data.draw(st.integers(0, len(coded) - 1))] ^= data.draw(st.integers(1, 255))
    assert decode(bytes(coded)) is None


def test_the_longest_frame_fits_the_coded_length() -> None:
    assert len(encode(Frame(1, 1, 1, 1, b"\x01" * PAYLOAD_BYTES))) - 2 <= CODED_BYTES


@pytest.mark.parametrize("noise", [b"", b"\x01", b"\x05abc", b"\xff" * 600, b"\x01" * 17])
def test_noise_is_no_frame(noise: bytes) -> None:
    assert decode(noise) is None


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, BuildResult]:
    directory = write_stub_model(tmp_path_factory.mktemp("link") / "stub", "cortex-a53")
    return read_manifest(directory), build(directory)


@pytest.fixture
def emulator(built: tuple[Manifest, BuildResult]) -> Iterator[Emulator]:
    manifest, result = built
    assert result.elf
    process = start_emulator(manifest.target, result.elf)
    yield process
    process.stop()


@pytest.mark.parametrize(
    "rates",
    [
        FaultRates(drop=0.1),
        FaultRates(repeat=0.3),
        FaultRates(damage=0.1),
        FaultRates(late=0.3),
        FaultRates(drop=0.05, repeat=0.1, damage=0.05, late=0.2),
    ],
    ids=["drop", "repeat", "damage", "late", "all"],
)
def test_a_faulty_line_never_gives_a_wrong_result(
    rates: FaultRates, built: tuple[Manifest, BuildResult], emulator: Emulator
) -> None:
    line = FaultyLine(emulator.url, rates)
    try:
        with RemoteRunner(built[0], Link(line.url, resend_s=0.02), "emulator") as runner:
            for seed in range(60):
                inputs = stub_inputs(seed)
                layers = stub_reference(inputs)
                last, first = runner.infer(inputs)
                np.testing.assert_array_equal(last.reshape(-1), layers[2])
                np.testing.assert_array_equal(first.reshape(-1), layers[0])
                if seed % 10 == 0:
                    assert runner.trace(inputs) == [zlib.crc32(layer.tobytes()) for layer in layers]
                    assert runner.layer_output(1) == layers[1].tobytes()
    finally:
        line.close()
    wanted = {kind for kind in line.faults if getattr(rates, kind)}
    assert {kind for kind, count in line.faults.items() if count} == wanted, "every fault happened"


def test_a_second_greeting_takes_the_session_and_the_first_host_recovers(
    built: tuple[Manifest, BuildResult], emulator: Emulator
) -> None:
    link = Link(emulator.url)
    with RemoteRunner(built[0], link, "emulator") as runner:
        first = runner.infer(stub_inputs(1))
        link._write(encode(Frame(1, 1, 0xDEAD, 0)))  # another host greets
        second = runner.infer(stub_inputs(1))
        assert [a.tobytes() for a in first] == [a.tobytes() for a in second]


def test_a_reset_by_the_host_is_told_from_power_on(built: tuple[Manifest, BuildResult], emulator: Emulator) -> None:
    with RemoteRunner(built[0], Link(emulator.url), "emulator") as runner:
        assert (runner.info.boot_count, runner.info.reset_cause) == (1, "power on")
        runner.reset()
        assert (runner.info.boot_count, runner.info.reset_cause) == (2, "requested")


def test_a_silent_line_is_an_error_not_a_hang(built: tuple[Manifest, BuildResult], emulator: Emulator) -> None:
    line = FaultyLine(emulator.url, FaultRates(drop=1.0))
    with pytest.raises(LinkError, match=r"no answer to HELLO within 0\.3 s"):
        RemoteRunner(built[0], Link(line.url, resend_s=0.05), "emulator", greet_s=0.3)
    line.close()


def test_a_missing_port_is_named() -> None:
    with pytest.raises(LinkError, match="no-such-port: cannot be opened"):
        Link("no-such-port")


def test_another_model_is_refused(built: tuple[Manifest, BuildResult], emulator: Emulator) -> None:
    other = dataclasses.replace(built[0], model=dataclasses.replace(built[0].model, sha256="f" * 64))
    with pytest.raises(LinkError, match="runs model 001122334455, the directory holds ffffffffffff"):
        RemoteRunner(other, Link(emulator.url), "emulator")
