"""A folder is the old one or the new one, wherever a process that replaces it is interrupted or killed."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from edgewright.artifact import directory, exchange
from edgewright.errors import UsageError

#: The file whose every line is a place to stop at: it makes, exchanges and removes all folders.
WATCHED = exchange.__file__


def write(folder: Path, text: str) -> None:
    with directory.replaced(folder) as new:
        (new / "kws_manifest.json").write_text(f'{{"edgewright": "1", "name": "kws", "text": "{text}"}}')


def text_of(folder: Path) -> str:
    manifest = folder / "kws_manifest.json"
    return manifest.read_text().split('"')[-2] if manifest.is_file() else ""


def stopped_at(line: int, number: int, work: Callable[[], None]) -> int:
    """Runs `work` in a child that gets a signal before the given line of the watched file; its wait status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    left = line

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal left
        if frame.f_code.co_filename != WATCHED:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), number)
        return trace

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background has inherited to ignore it
    sys.settrace(trace)  # type: ignore[arg-type]
    status = 1
    try:
        work()
        status = 0
    except KeyboardInterrupt:
        status = 2
    finally:
        os._exit(status)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # a child of a process with threads only runs Python here
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill", "interrupt"])
@pytest.mark.parametrize("at_once", [True, False], ids=["exchange", "two renames"])
def test_stopping_at_every_line_leaves_the_old_or_the_new(
    number: signal.Signals, at_once: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not at_once:
        monkeypatch.setattr(exchange, "_exchanged", lambda folder, new: False)
    folder = tmp_path / "kws"
    seen = set()
    for line in range(1, 500):
        write(folder, "old")
        assert [p.name for p in tmp_path.iterdir()] == ["kws"]
        status = stopped_at(line, number, lambda: write(folder, "new"))
        seen.add(text_of(folder))
        killed_between = number == signal.SIGKILL and not at_once and not folder.exists()
        assert text_of(folder) in ("old", "new") or killed_between, f"line {line}"
        if status == 0:
            break
    else:
        pytest.fail("never ran to its end")
    assert seen - {""} == {"old", "new"}


def test_what_a_living_process_holds_is_not_swept(tmp_path: Path) -> None:
    folder = tmp_path / "kws"
    with exchange.beside(folder) as first:
        with exchange.beside(folder) as second:
            assert first.is_dir()
            assert second != first
        assert first.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert text_of(tmp_path / "real") == "new"


def test_the_current_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="current folder"):
        write(Path("."), "new")
