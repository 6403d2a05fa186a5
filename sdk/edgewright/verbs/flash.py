"""`flash`: the built program of a directory onto its board."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgewright import build as building
from edgewright.artifact import exclusive, open_directory
from edgewright.build import BuildResult
from edgewright.errors import BudgetError, UsageError
from edgewright.flash.boot import check_boot
from edgewright.flash.files import ImageFiles, write_files
from edgewright.flash.image import Image, check_image, load_image
from edgewright.flash.programmer import Job
from edgewright.flash.session import chip_of, chosen_port, chosen_programmer, flashing_of, perform, write_scripts
from edgewright.targets import Target
from edgewright.verbs.record import Record

#: A longer time-out is no time-out.
LONGEST_S = 86_400


@dataclass(frozen=True)
class FlashStep:
    """does: identify, write, verify or start. command: as a shell takes it."""

    does: str
    command: str


@dataclass(frozen=True)
class Flashed(Record):
    """What was written, or with dry_run would be.

    runner: the programmer. port: what selected the board, "" where it was the only one. elf: the program, of
    image_bytes from image_start on (None under Linux). chip: as the tool told it. verified: whether the flash was
    compared with the program.
    """

    name: str
    target: Target
    runner: str
    port: str
    elf: Path
    image_start: int | None
    image_bytes: int
    build_id: str
    steps: tuple[FlashStep, ...]
    dry_run: bool
    chip: str | None
    verified: bool


def flash(
    directory: str | Path,
    runner: str | None = None,
    port: str | None = None,
    *,
    dry_run: bool = False,
    timeout_s: float | None = None,
) -> Flashed:
    """Build the validation runner of a directory, check it, and write it to the board.

    runner: of `edgewright.flash.programmers.PROGRAMMERS`; None: the first of the board's that is installed. port: a
    probe's serial number, a volume, a host or HOST:PORT, whatever the runner needs; None: the only one there is.
    dry_run: write the files and tell the commands, run none. timeout_s: of each command.

    Raises:
        UsageError: not a generated directory, or a runner or port that cannot be.
        BudgetError: the runner does not fit the board.
        ToolError: the board could not start the program; or a tool is missing, hangs or fails.
        LinkError: no board, more than one, the wrong one, or what was written reads back differently.
    """
    if timeout_s is not None and not 0 < timeout_s <= LONGEST_S:
        raise UsageError(f"--timeout {timeout_s:g}: must be above 0 and at most {LONGEST_S:,} seconds")
    directory = Path(directory)
    manifest = open_directory(directory).manifest
    target = manifest.target
    flashing = flashing_of(target)
    programmer = chosen_programmer(target, runner, dry_run=dry_run)
    built = building.build(directory)
    elf = _program(built, target)
    with exclusive(directory):
        image, files = None, ImageFiles(elf, None, None, None)
        if target.link_board is not None:
            image = _checked(elf, target, flashing.uf2_family)
            family = flashing.uf2_family if programmer.wants_uf2 else ""
            files = write_files(image, elf, uf2_family=family, wants_hex=programmer.wants_hex)
        port = chosen_port(programmer, target, port, dry_run=dry_run)
        job = Job(manifest.name, target, flashing, image, files, port, *chip_of(target))
        steps = programmer.steps(job)
        if dry_run:
            write_scripts(steps)
        outcome = None if dry_run else perform(programmer, job, timeout_s)
    return Flashed(
        name=manifest.name,
        target=target,
        runner=programmer.name,
        port=job.port,
        elf=elf,
        image_start=job.start if image else None,
        image_bytes=image.total_bytes if image else elf.stat().st_size,
        build_id=built.build_id,
        steps=tuple(FlashStep(step.does.value, str(step)) for step in steps),
        dry_run=dry_run,
        chip=outcome.chip if outcome else None,
        verified=bool(outcome and outcome.verified),
    )


def _program(built: BuildResult, target: Target) -> Path:
    if built.elf is None:
        board = target.link_board
        raise (UsageError if board and board.why_no_runner else BudgetError)(built.elf_problem)
    return built.elf


def _checked(elf: Path, target: Target, uf2_family: str) -> Image:
    image = load_image(elf)
    assert target.link_board is not None
    check_image(image, target.link_board)
    check_boot(image, uf2_family)
    return image
