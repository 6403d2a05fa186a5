"""The process behind `port.WorkerPort`: copies bytes between a serial port and a socket until either ends.

Usage: port_worker.py URL BAUD DESCRIPTOR. It prints "open", or "ERRNO reason" when it cannot; later "lost reason" when
the port goes away. It imports nothing of Edgewright, so that it starts at once.
"""

import os
import socket
import sys
import threading
from typing import Any

import serial

_READ_S = 0.05


def main(url: str, baud: str, descriptor: str) -> None:
    """Serve one port."""
    own = {"exclusive": True} if "://" not in url else {}
    try:
        port: Any = serial.serial_for_url(url, baudrate=int(baud), timeout=_READ_S, **own)
    except (serial.SerialException, OSError, ValueError) as error:
        _end(f"{getattr(error, 'errno', None) or 0} {error}")
    print("open", flush=True)
    line = socket.socket(fileno=int(descriptor))
    threading.Thread(target=_write, args=(line, port), daemon=True).start()
    try:
        while True:
            data = port.read(max(1, port.in_waiting))
            if data:
                line.sendall(data)
    except Exception as error:  # drivers raise what they like
        _end(f"lost {error}")


def _write(line: socket.socket, port: Any) -> None:
    try:
        while data := line.recv(4096):
            port.write(data)
    except Exception as error:
        _end(f"lost {error}")
    os._exit(0)  # nobody listens any more


def _end(word: str) -> None:
    print(" ".join(word.split()), flush=True)
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
