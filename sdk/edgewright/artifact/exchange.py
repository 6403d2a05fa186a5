"""A finished folder takes the place of an older one in a single step, whatever interrupts it."""

import ctypes
import errno
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Source: linux/fcntl.h and linux/fs.h; renameat2(2).
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
#: What a kernel or a file system that cannot exchange says.
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def exchange(folder: Path, new: Path) -> None:
    """`new` becomes `folder`; what was at `folder`, if anything, is afterwards at `new`.

    On Linux no moment exists at which `folder` is neither the old one nor the new one; where a file system cannot
    exchange, signals wait for the end of two renames.

    Raises:
        OSError: neither happened.
    """
    if not folder.exists():
        new.rename(folder)
    elif not _exchanged(folder, new):
        _in_two_steps(folder, new)


def _exchanged(folder: Path, new: Path) -> bool:
    """Whether both names were exchanged at once; false where the system cannot."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    if call(_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(folder), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(folder))


def _in_two_steps(folder: Path, new: Path) -> None:
    old = new.with_name(f"{new.name}-old")
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            old.rename(folder)
            raise
        old.rename(new)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@contextmanager
def beside(folder: Path) -> Iterator[Path]:
    """A hidden folder beside `folder` that is gone at the end of the block, and after a kill at the next call."""
    prefix = f".{folder.name}.unfinished-"
    for left in folder.parent.glob(f"{prefix}*"):
        _sweep(left)
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(handle)
        shutil.rmtree(path, ignore_errors=True)


def _sweep(left: Path) -> None:
    """Remove what a killed process left; what a living one holds stays."""
    try:
        handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(handle)
