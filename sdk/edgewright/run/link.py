"""Requests and answers over a line that may lose, repeat or damage bytes."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edgewright.errors import LinkError
from edgewright.run.diagnosis import Heard, explain_silence
from edgewright.run.fault import describe_fault
from edgewright.run.frame import ANSWER, CODED_BYTES, Frame, Refusal, Type, decode, encode
from edgewright.run.port import Port, PortLostError, open_port

#: First pause before a request is repeated; it doubles up to the second value.
RESEND_S, RESEND_MAX_S = 0.5, 8.0
ANSWER_S = 10.0
BOOT_S = 2.0
BROKEN_S = 1.0
#: A frame whose next byte does not come for so long was cut off, and its request is repeated at once.
GAP_S = 0.25


def _no_check() -> None:
    """For links whose other end nobody can ask."""


class SessionLostError(LinkError):
    """The runner was reset, or greeted by somebody else: what it was told is gone."""


class NoAnswerError(LinkError):
    """Nobody answered in time."""


@dataclass
class LinkCounters:
    """What happened on the link since it was opened."""

    requests: int = 0
    resends: int = 0
    rejected_frames: int = 0
    stale_frames: int = 0
    cut_frames: int = 0


class Link:
    """The host's end of one connection, one request at a time.

    Every answer is matched by type, session and sequence number, so that a late answer to an earlier
    request is never taken for the answer to this one.
    """

    def __init__(
        self,
        url: str | Port,
        *,
        baud: int = 115_200,
        resend_s: float = RESEND_S,
        check_alive: Callable[[], None] = _no_check,
    ) -> None:
        """Opens `url`, a port name or anything else that `serial.serial_for_url` takes; or uses a port that is open.

        check_alive: called while waiting; raises when the other end cannot answer any more.

        Raises:
            LinkError: the port cannot be opened.
        """
        self._port = open_port(url, baud) if isinstance(url, str) else url
        self.where = self._port.where
        self.program: Path | None = None  # what runs there, to name places in it
        self.counters = LinkCounters()
        self.heard = Heard()
        self._check_alive = check_alive
        self._resend_s = resend_s
        self._session = 0
        self._sequence = 0
        self._pending = bytearray()
        self._last_byte = 0.0

    @property
    def is_serial(self) -> bool:
        """Whether it has a baud rate."""
        return self._port.baud is not None

    def close(self) -> None:
        self._port.close()

    def hello(self, *, answer_s: float = ANSWER_S) -> bytes:
        """Opens a new session and returns the runner's greeting."""
        self._session = secrets.randbits(32) | 1
        return self.request(Type.HELLO, 0, answer_s=answer_s)

    def await_boot(self, timeout_s: float = BOOT_S) -> None:
        """Waits for the frame that a starting runner sends, but not for ever: it may have started before.

        What is sent to a UART that is not yet on is lost, or late.
        """
        deadline = self._port.now() + timeout_s
        while not any(frame.type == Type.BOOT for frame in self._take_frames()):
            if self._port.now() >= deadline:
                return
            self._read(0.1)

    def request(self, kind: Type, argument: int, payload: bytes = b"", *, answer_s: float = ANSWER_S) -> bytes:
        """The payload of the answer; the request is repeated until it comes.

        Raises:
            SessionLostError: the runner does not know this session any more.
            LinkError: no answer within `answer_s` seconds, a refusal, or a fault.
        """
        self._sequence = (self._sequence + 1) & 0xFFFF
        question = Frame(kind, self._sequence, self._session, argument, payload)
        coded = encode(question)
        self.counters.requests += 1
        start = self._port.now()
        pause_s = self._resend_s
        while True:
            self._write(coded)
            answer = self._await(question, min(start + answer_s, self._port.now() + pause_s))
            if answer is not None:
                return self._accepted(answer, kind)
            if self._port.now() >= start + answer_s:
                why = explain_silence(self.heard, self._port.baud, bytes(self._pending))
                raise NoAnswerError(f"{self.where}: no answer to {kind.name} within {answer_s:g} s: {why}")
            self.counters.resends += 1
            pause_s = min(2 * pause_s, RESEND_MAX_S)

    def _accepted(self, answer: Frame, kind: Type) -> bytes:
        if answer.type == Type.BOOT:
            raise SessionLostError(f"{self.where}: the runner started anew during {kind.name}; start over")
        if answer.type == Type.FAULT:
            raise LinkError(f"{self.where}: {describe_fault(answer.payload, self.program)}; reset it")
        if answer.type == Type.REFUSE:
            known = [item.value for item in Refusal]
            name = Refusal(answer.argument).name if answer.argument in known else f"code {answer.argument}"
            if answer.argument == Refusal.SESSION:
                raise SessionLostError(f"{self.where}: the runner was reset during {kind.name}; start over")
            raise LinkError(f"{self.where}: the runner refuses {kind.name}: {name.lower()}; flash a matching runner")
        return answer.payload

    def _await(self, question: Frame, deadline: float) -> Frame | None:
        """The next frame that answers `question`, or None at the deadline."""
        while True:
            for answer in self._take_frames():
                if answer.type == Type.FAULT or (answer.type == Type.BOOT and question.type != Type.HELLO):
                    return answer
                if self._answers(question, answer):
                    return answer
                self.counters.stale_frames += 1
            now = self._port.now()
            if now >= deadline:
                return None
            if self._pending and now >= self._last_byte + GAP_S:
                self.heard.add_noise(self._pending)
                self._pending.clear()
                self.counters.cut_frames += 1
                return None
            self._read(min(deadline - now, GAP_S))

    @staticmethod
    def _answers(question: Frame, answer: Frame) -> bool:
        """Whether `answer` belongs to `question`, and not to an earlier one, another session or another place."""
        if (answer.session, answer.sequence) != (question.session, question.sequence):
            return False
        return answer.type == Type.REFUSE or (answer.type, answer.argument) == (
            question.type | ANSWER,
            question.argument,
        )

    def _take_frames(self) -> list[Frame]:
        """The complete frames among the pending bytes."""
        *complete, rest = self._pending.split(b"\0")
        if len(rest) > CODED_BYTES:  # an endless stream without a zero is noise
            self.heard.add_noise(rest)
            rest = bytearray()
        self._pending = rest
        frames = []
        for coded in complete:
            frame = decode(bytes(coded)) if coded else None
            if frame:
                frames.append(frame)
                self.heard.frames += 1
            elif coded:
                self.counters.rejected_frames += 1
                self.heard.add_noise(coded)
        return frames

    def _read(self, timeout_s: float) -> None:
        """Adds what arrives within `timeout_s` to the pending bytes."""
        self._check_alive()
        try:
            data = self._port.read(timeout_s)
        except PortLostError as error:
            raise self._broken(error) from None
        if data:
            self._pending += data
            self.heard.total_bytes += len(data)
            self._last_byte = self._port.now()

    def _broken(self, error: PortLostError) -> LinkError:
        """What to raise; the other end may tell more, a moment after its connection closed."""
        self._port.close()
        deadline = time.monotonic() + BROKEN_S
        try:
            while self._check_alive is not _no_check and time.monotonic() < deadline:
                self._check_alive()
                time.sleep(0.02)
        except LinkError as told:
            return told
        return LinkError(f"{self.where}: {error}; connect it again")

    def _write(self, data: bytes) -> None:
        self._check_alive()
        try:
            self._port.write(data)
        except PortLostError as error:
            raise self._broken(error) from None
