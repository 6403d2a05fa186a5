"""`pipe://FOLDER`: two named pipes as a serial port; `ew_in` takes what is written, `ew_out` gives what is read."""

import os
from pathlib import Path

import serial


class Serial(serial.SerialBase):  # type: ignore[misc]
    """The port. It never blocks in reading, whatever its timeout."""

    def open(self) -> None:
        """Opens both pipes; a pipe is opened for both directions where the other end may not be there yet."""
        folder = Path(self.portstr.removeprefix("pipe://"))
        try:
            self._out = os.open(folder / "ew_in", os.O_RDWR | os.O_CLOEXEC)
            self._in = os.open(folder / "ew_out", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise serial.SerialException(f"{folder}: {error.strerror}") from None
        self.is_open = True

    def close(self) -> None:
        if self.is_open:
            os.close(self._in)
            os.close(self._out)
            self.is_open = False

    def fileno(self) -> int:
        return self._in

    def read(self, size: int = 1) -> bytes:
        try:
            return os.read(self._in, size)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        view = memoryview(data)
        while view:
            view = view[os.write(self._out, view) :]
        return len(data)

    def _reconfigure_port(self) -> None:
        """A pipe has no settings."""
