"""`targets check` and `targets new`: files of boards and CPUs, before they are used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgewright.cgen.template import render
from edgewright.errors import UsageError
from edgewright.paths import data_folder
from edgewright.targets import Board, Cpu, Runs, board_names, cpu_names, load_arch, load_cpu
from edgewright.targets.folders import closest
from edgewright.targets.strict import NO_NAME, is_name, load_record
from edgewright.verbs.record import Record

NEW_BOARD = "new_board.toml.tmpl"


@dataclass(frozen=True)
class CheckedFile:
    """A file. kind: "board" or "cpu". problems: what keeps it from being used. unsourced: facts without a source."""

    file: Path
    kind: str
    problems: tuple[str, ...]
    unsourced: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckedFiles(Record):
    """All of them, in the order given."""

    files: tuple[CheckedFile, ...]

    def check(self) -> None:
        """Raise UsageError when one cannot be used."""
        wrong = [f"{file.file}: {problem}" for file in self.files for problem in file.problems]
        if wrong:
            raise UsageError("; ".join(wrong))


@dataclass(frozen=True)
class NewBoard(Record):
    """The file that was written, and the folder to give with `--targets`."""

    file: Path
    folder: Path


def check_targets(files: list[Path]) -> CheckedFiles:
    """What is wrong with files of boards, and with those of CPUs (in a folder `cpus`)."""
    return CheckedFiles(tuple(_checked(path) for path in files))


def new_board(name: str, cpu: str, folder: Path) -> NewBoard:
    """`folder/boards/NAME.toml`, with every key explained; it can be used once its numbers are those of the board.

    Raises:
        UsageError: there is such a target or file already, the CPU is unknown, or the folder cannot be written.
    """
    if not is_name(name):
        raise UsageError(f"{name}: {NO_NAME}; take another")
    if cpu not in cpu_names():
        raise UsageError(f"{cpu}: no such CPU{closest(cpu, cpu_names())}")
    runs = load_arch(load_cpu(cpu).arch).runs
    if runs is Runs.LIBRARY:
        raise UsageError(f"{cpu}: is this machine, which needs no board; give the CPU of the board")
    if name in (*board_names(), *cpu_names()):
        raise UsageError(f"{name}: there is a target of this name already; take another")
    file = folder / "boards" / f"{name}.toml"
    if file.exists():
        raise UsageError(f"{file}: is there already; remove it, or take another name")
    text = render(data_folder("targets") / NEW_BOARD, name=name, cpu=cpu, bare=runs is Runs.BOARD)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{name}.unfinished")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}; give another folder") from None
    return NewBoard(file, folder)


def _checked(path: Path) -> CheckedFile:
    word = "cpu" if path.absolute().parent.name == "cpus" else "board"
    kind: type[Cpu] | type[Board] = Cpu if word == "cpu" else Board
    try:
        record = load_record(kind, path)
    except UsageError as error:
        return CheckedFile(path, word, (str(error).removeprefix(f"{path}: "),))
    return CheckedFile(path, word, (), _unsourced(record))


def _unsourced(record: Cpu | Board) -> tuple[str, ...]:
    return tuple(record.unsourced()) if isinstance(record, Board) else ()
