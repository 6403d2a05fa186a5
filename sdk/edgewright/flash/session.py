"""One program onto one board: which programmer, which board, and the steps with all that can go wrong in them."""

from __future__ import annotations

import re
from pathlib import Path

from edgewright.errors import EdgewrightError, LinkError, ToolError, UsageError
from edgewright.flash.process import Finished, program_path, run_killable
from edgewright.flash.programmer import Does, Job, Outcome, Programmer, Step
from edgewright.flash.programmers import PROGRAMMERS
from edgewright.targets import ChipId, Flashing, Runs, Target
from edgewright.targets.flashing import NEED_ID

#: The longest that listing what is connected may take.
SURVEY_S = 30.0
#: What names a board to a programmer that needs no port.
PROBE = "a probe's serial number"
_HALF = "; the flash may hold half a program now, flash it again"


def flashing_of(target: Target) -> Flashing:
    """How `target` is flashed; a board whose file does not say can be reached by a debug server.

    Raises:
        UsageError: it runs as a library of this machine.
    """
    if target.arch.runs is Runs.PROCESS:
        return Flashing(("ssh",))
    board = target.link_board
    if board is None:
        raise UsageError(f"{target.name}: runs on this machine; there is nothing to flash")
    return board.flashing or Flashing(("gdb",))


def chip_of(target: Target) -> tuple[str, ChipId | None]:
    """What the chip of `target` is called, and how it is recognised; None where it cannot be asked."""
    board = target.link_board
    if board is None or board.chip is None:
        return target.cpu.name, None
    return board.chip.name, board.chip.id


def chosen_programmer(target: Target, name: str | None, *, dry_run: bool = False) -> Programmer:
    """The programmer called `name`; without a name the first of the board's that is installed.

    dry_run: it need not be installed.

    Raises:
        UsageError: there is no such programmer, or it is not for the board.
        ToolError: none is installed.
    """
    flashing = flashing_of(target)
    linux = target.arch.runs is Runs.PROCESS
    if name is not None:
        if name not in PROGRAMMERS:
            raise UsageError(f"--runner {name}: none of {', '.join(PROGRAMMERS)}")
        if (name == "ssh") != linux:
            known = ", ".join(flashing.runners)
            raise UsageError(f"--runner {name}: not for {target.name}; it is flashed with {known}")
        if lacking := flashing.lacks(name):
            where = target.link_board.file.name if target.link_board else target.name
            raise UsageError(f"--runner {name}: needs {' and '.join(lacking)} in [flashing] of {where}")
        if name in NEED_ID and chip_of(target)[1] is None:
            raise UsageError(f"--runner {name}: needs the id of {target.name}'s chip; give it in [chip] of its file")
        return PROGRAMMERS[name]
    candidates = [PROGRAMMERS[runner] for runner in flashing.runners]
    installed = [programmer for programmer in candidates if program_path(programmer.program)]
    if not installed and not dry_run:
        ways = "; ".join(f"{programmer.program} ({programmer.obtain})" for programmer in candidates)
        raise ToolError(f"{target.name}: no tool that flashes it is installed; get one of: {ways}")
    return (installed or candidates)[0]


def chosen_port(programmer: Programmer, target: Target, port: str | None, *, dry_run: bool = False) -> str:
    """`port`, or that of the only board which the programmer sees; "" when it cannot list them.

    dry_run: nothing is looked for; the word PORT stands for one that is needed.

    Raises:
        UsageError: the programmer needs a port and cannot find it.
        ToolError: it is not installed, or fails.
        LinkError: there is no board, or more than one.
    """
    if port is not None:
        if not re.fullmatch(programmer.port_form, port):
            raise UsageError(f"--port '{port}': {programmer.name} needs {programmer.needs_port or PROBE}")
        return port
    if dry_run:
        return "PORT" if programmer.needs_port else ""
    survey = programmer.survey()
    if not survey:
        if programmer.needs_port:
            raise UsageError(f"--runner {programmer.name}: give {programmer.needs_port} with --port")
        return ""
    finished = _run(programmer, survey, SURVEY_S)
    probes = programmer.found(finished.said)
    where = f"{target.name}: {programmer.name}"
    if finished.status != 0 or not probes:
        error = _complaint(programmer, where, finished.said)
        if error is None and finished.status != 0 and not probes:
            error = ToolError(f"{where}: {survey[0]} failed with status {finished.status}: {_telling(finished.said)}")
        words = programmer.needs_port or PROBE
        raise error or LinkError(f"{where}: sees no board; plug it in, or give {words} with --port")
    if len(probes) > 1:
        raise LinkError(f"{where}: sees {len(probes)} boards: {', '.join(map(str, probes))}; choose one with --port")
    return probes[0].port


def write_scripts(steps: list[Step]) -> None:
    """Put the scripts of `steps` where their commands expect them."""
    for path, text in filter(None, (step.script for step in steps)):
        path.write_text(text, encoding="utf-8")


def perform(programmer: Programmer, job: Job, timeout_s: float | None = None) -> Outcome:
    """Run every step of `job`; timeout_s: of each, in place of the programmer's own.

    Raises:
        ToolError: a tool is missing, hangs or fails.
        LinkError: no board answers, it is another one, or what was written reads back differently.
    """
    steps = programmer.steps(job)
    write_scripts(steps)
    outcome = Outcome()
    where = f"{job.target.name}: {programmer.name}"
    for step in steps:
        finished = _run(programmer, step.command, timeout_s or programmer.timeout_s, step)
        outcome.said.append(finished.said)
        chip = programmer.chip(job, finished.said)
        if chip is not None:
            outcome.chip, right = chip
            if not right:
                what = f"{job.chip} was expected, found {outcome.chip}"
                raise LinkError(f"{where}: wrong chip: {what}; nothing was written; connect the right board")
        _check_step(programmer, where, step, finished)
        if step.does is Does.IDENTIFY and chip is None:
            said = _telling(finished.said)
            raise LinkError(f"{where}: does not tell which chip is connected ({said}); nothing was written")
        outcome.verified |= step.verifies
    programmer.after(job)
    return outcome


def _check_step(programmer: Programmer, where: str, step: Step, finished: Finished) -> None:
    """Raise when the step did not succeed."""
    flags = re.IGNORECASE | re.MULTILINE
    bad = bool(step.never_says) and re.search(step.never_says, finished.said, flags) is not None
    silent = bool(step.says) and re.search(step.says, finished.said, flags) is None
    if finished.status == 0 and not bad and not silent:
        return
    if step.says and not bad and not silent:  # the output is what tells, not the status
        return
    half = _HALF if step.may_have_written(finished.said) else ""
    error = _complaint(programmer, where, finished.said, half)
    if error is not None:
        raise error
    said = _telling(finished.said)
    if step.does is Does.VERIFY:
        raise LinkError(f"{where}: what was written reads back differently: {said}{half}")
    how = f"status {finished.status}" if finished.status else "no word of success"
    raise ToolError(f"{where}: {Path(step.command[0]).name} ended {step.does.value} with {how}: {said}{half}")


def _complaint(programmer: Programmer, where: str, said: str, half: str = "") -> EdgewrightError | None:
    for complaint in programmer.complaints:
        if re.search(complaint.pattern, said, re.IGNORECASE | re.MULTILINE):
            return complaint.error(f"{where}: {complaint.what}{half}")
    return None


def _run(programmer: Programmer, command: tuple[str, ...], timeout_s: float, step: Step | None = None) -> Finished:
    path = program_path(command[0])
    if path is None:
        raise ToolError(f"{command[0]}: not found on PATH; to install it: {programmer.obtain}")
    try:
        finished = run_killable([path, *command[1:]], timeout_s)
    except OSError as error:
        raise ToolError(f"{command[0]}: does not run: {error.strerror}; to install it: {programmer.obtain}") from None
    if finished.status is None:
        half = _HALF if step is not None and step.may_have_written(finished.said) else ""
        raise ToolError(
            f"{command[0]}: no end within {timeout_s:g} s, it was stopped; unplug the board and try again{half}"
        )
    return finished


def _telling(said: str) -> str:
    """The line of a tool's output that most likely tells what is wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.rstrip().endswith(":")]
    telling = [line for line in lines if re.search(r"(?i)\b(error|failed|fatal|cannot|denied|unable|mismatch)", line)]
    return (telling or lines or ["it said nothing"])[-1][:200]
