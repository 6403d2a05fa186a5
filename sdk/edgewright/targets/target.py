"""What a model is compiled for: a CPU, or a board with its CPU."""

from dataclasses import dataclass

from edgewright.errors import UsageError
from edgewright.paths import data_folder
from edgewright.targets.arch import Arch, Runs, load_arch
from edgewright.targets.board import Board, board_names, load_board
from edgewright.targets.cpu import Cpu, cpu_names, load_cpu
from edgewright.targets.folders import closest, toml_files
from edgewright.targets.strict import load_record


@dataclass(frozen=True)
class Target:
    """A CPU and, when one was named, the board whose memory sets the limits."""

    cpu: Cpu
    board: Board | None = None

    @property
    def name(self) -> str:
        return self.board.name if self.board else self.cpu.name

    def to_json(self) -> dict[str, str | None]:
        """The names, as documents have them."""
        return {"cpu": self.cpu.name, "board": self.board.name if self.board else None}

    @property
    def arch(self) -> Arch:
        """How its programs are made."""
        return load_arch(self.cpu.arch)

    @property
    def link_board(self) -> Board | None:
        """The board whose memory map programs are linked for: for a bare CPU the one that emulates it.

        None for a CPU whose programs own no memory.
        """
        if self.arch.runs is not Runs.BOARD:
            return None
        return self.board or load_board(self.cpu.emulator_board)


def resolve_target(name: str) -> Target:
    """The target called `name`, a CPU or a board.

    Raises:
        UsageError: it is neither, or its file breaks a rule.
    """
    if name in board_names():
        board = load_board(name)
        return Target(load_cpu(board.cpu), board)
    if name in cpu_names():
        return Target(load_cpu(name))
    raise UsageError(f"{name}: no such CPU or board{closest(name, cpu_names() + board_names())}")


def named_target(cpu: str, board: str | None) -> Target:
    """The target of a generated directory.

    Raises:
        UsageError: it lies in a folder that is not looked into, or its file breaks a rule.
    """
    for kind, name, known in (("boards", board, board_names()), ("cpus", cpu, cpu_names())):
        if name and name not in known:
            file = f"{kind}/{name}.toml"
            raise UsageError(f"compiled for {name}, which is not here; give the folder of {file} with --targets")
    return Target(load_cpu(cpu), load_board(board) if board else None)


def all_targets() -> tuple[list[Cpu], list[Board], list[str]]:
    """Every CPU and every board whose file is sound, and for each other file what is wrong with it."""
    cpus, boards, problems = [], [], []
    for name in cpu_names():
        try:
            cpus.append(load_cpu(name))
        except UsageError as error:
            problems.append(str(error))
    for name in board_names():
        try:
            boards.append(load_board(name))
        except UsageError as error:
            problems.append(str(error))
    return cpus, boards, list(dict.fromkeys(problems))


def own_targets() -> tuple[list[Cpu], list[Board]]:
    """The CPUs and boards of the SDK itself, sorted by name."""
    cpus, boards = (toml_files(data_folder("targets") / kind) for kind in ("cpus", "boards"))
    return [load_record(Cpu, path) for path in cpus], [load_record(Board, path) for path in boards]


def host_cpu() -> Cpu:
    """The CPU that stands for this machine: of those that run as a library, the one with the most instruction sets."""
    return max(_libraries(), key=lambda cpu: len(cpu.isas))


def portable_cpu() -> Cpu:
    """The CPU that stands for every core with a C compiler: the one of them with portable C alone."""
    return min(_libraries(), key=lambda cpu: len(cpu.isas))


def _libraries() -> list[Cpu]:
    return [cpu for cpu in own_targets()[0] if load_arch(cpu.arch).runs is Runs.LIBRARY]
