"""One process at a time in a generated directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Hold `directory` until the block ends; whoever else asks for it waits.

    The lock is on the folder itself: it leaves no file behind and ends with the process. It is not re-entrant.
    """
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
