"""From a generated directory to programs, all or nothing."""

import hashlib
import os
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edgewright.artifact import Layout, Manifest, exclusive, read_manifest
from edgewright.artifact.exchange import exchange
from edgewright.artifact.layout import (
    BUILD,
    LIBRARY,
    MINIMAL_PROGRAM,
    RUNNER_PROGRAM,
    RUNTIME,
    UNFINISHED_BUILD,
)
from edgewright.build.address_taken import address_taken
from edgewright.build.disassembly import disassemble
from edgewright.build.elf import section_sizes
from edgewright.build.map_file import part_sizes
from edgewright.build.recipe import MAPPED_BOARD, MAPPED_DATA, MAPPED_DIRECTORY, Program, Recipe, Unit, recipe
from edgewright.build.result import BuildResult, load_result, write_record
from edgewright.build.stack import StackBound, read_stack_usage, stack_bound
from edgewright.build.tools import check_compiler, run_tool
from edgewright.errors import BudgetError, ToolError, UsageError
from edgewright.paths import data_folder


def build(directory: Path) -> BuildResult:
    """Compiles and links all programs of `directory` into `directory/build`.

    The folder is complete or untouched: work happens in a folder beside it. Nothing is done when the
    last build had the same inputs, tools and options. Of several processes that build one directory, one
    builds and the others wait.

    Raises:
        UsageError: not a generated directory, or one that cannot be written.
        ToolError: a tool is missing or failed.
        BudgetError: the minimal program does not fit the board.
    """
    directory = directory.resolve()
    manifest = read_manifest(directory)
    _check_files(directory, manifest)
    with exclusive(directory):
        build_id = _build_id(directory, manifest)
        if not _is_current(directory, build_id):
            _build_anew(directory, manifest, build_id)
        return load_result(directory)


def _is_current(directory: Path, build_id: str) -> bool:
    """Whether the last build had the same inputs and all that it made is still there."""
    try:
        last = load_result(directory)
    except UsageError:
        return False
    return last.build_id == build_id and all(p.is_file() for p in (last.elf, last.minimal_elf, last.library) if p)


def _build_anew(directory: Path, manifest: Manifest, build_id: str) -> None:
    """Builds beside `BUILD` and takes its place; what a killed build left goes. `directory` is held by `exclusive`."""
    try:
        for left in directory.glob(f"{UNFINISHED_BUILD}*"):
            shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=UNFINISHED_BUILD, dir=directory))
        work.chmod(0o755)  # like any folder; mkdtemp shuts others out
        try:
            result = _build_in(work, manifest, recipe(manifest, build_id), build_id)
            write_record(result, work)
            exchange(directory / BUILD, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise UsageError(f"{directory}: cannot be written: {error.strerror or error}") from None


def _check_files(directory: Path, manifest: Manifest) -> None:
    layout = Layout(manifest.name)
    names = [*manifest.sources, manifest.golden, layout.calls, layout.header]
    missing = [name for name in dict.fromkeys(names) if not (directory / name).is_file()]
    if missing:
        raise UsageError(f"{directory}: {', '.join(missing)} missing; compile again")


def _build_id(directory: Path, manifest: Manifest) -> str:
    """16 hex digits over every command, file and compiler version that the programs depend on."""
    plan = recipe(manifest)
    digest = hashlib.sha256()
    version = run_tool([plan.compiler, "--version"]).stdout.partition("\n")[0]
    text = repr((version, plan.flags, plan.programs, sorted(plan.files.items())))
    for folder, shown in _mapped(manifest).items():
        text = text.replace(folder, shown)
    digest.update(text.encode())
    inputs = [directory / unit.source for unit in plan.units()]
    inputs += [path for unit in plan.units() for path in (directory / unit.source).parent.glob("*.h")]
    inputs += [*(directory / RUNTIME).rglob("*.h"), *(directory / RUNTIME).rglob("*.inc")]
    for item in sorted(path.name.encode() + hashlib.sha256(path.read_bytes()).digest() for path in set(inputs)):
        digest.update(item)
    return digest.hexdigest()[:16]


def _mapped(manifest: Manifest) -> dict[str, str]:
    """Folders outside the generated directory, and what stands for each in debug information and in the build id."""
    board = manifest.target.link_board
    folders = {str(board.file.parent): MAPPED_BOARD} if board and board.init else {}
    return {**folders, str(data_folder("runtime_c").parent): MAPPED_DATA}


def _build_in(work: Path, manifest: Manifest, plan: Recipe, build_id: str) -> BuildResult:
    check_compiler(manifest.target.cpu)
    for name, text in plan.files.items():
        (work / name).write_text(text, encoding="utf-8")
    objects = work / "objects"
    objects.mkdir()
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(lambda unit: _compile(unit, plan, manifest, work), plan.units()))
    outputs: dict[str, Path] = {}
    board = manifest.target.link_board
    elf_problem = board.why_no_runner if board else ""
    for program in plan.programs:
        try:
            outputs[program.output] = _link(program, plan, manifest, work)
        except BudgetError as error:
            if program.output != RUNNER_PROGRAM:
                raise
            elf_problem = str(error)
    measured = outputs.get(MINIMAL_PROGRAM) or outputs[LIBRARY]
    units = next(p.units for p in plan.programs if work / p.output == measured)
    entry = manifest.target.arch.entry
    root = entry or f"{manifest.name}_run"
    if manifest.threads > 1:
        bound = StackBound(None, problem=f"{root} starts threads, and what that takes is the C library's")
    else:
        taken = address_taken(objects / unit.object for unit in units if unit.part in ("model", "kernels"))
        bound = stack_bound(disassemble(measured, plan.compiler), root, read_stack_usage(objects), taken)
    parts = part_sizes(measured.with_suffix(".map"), {unit.object: unit.part for unit in units})
    sizes = section_sizes(measured)
    own = [part for name, part in parts.items() if name != "library"]
    shutil.rmtree(objects)
    return BuildResult(
        elf=outputs.get(RUNNER_PROGRAM),
        minimal_elf=outputs.get(MINIMAL_PROGRAM),
        library=outputs.get(LIBRARY),
        elf_problem=elf_problem,
        flash_bytes=sizes.flash_bytes if entry else sum(part["flash"] for part in own),
        ram_bytes=sizes.ram_bytes if entry else sum(part["ram"] for part in own),
        stack_bytes=bound.bytes,
        stack_path=bound.path,
        stack_problem=bound.problem,
        sections={"text": sizes.text, "rodata": sizes.rodata, "data": sizes.data, "bss": sizes.bss},
        parts=parts,
        build_id=build_id,
    )


def _compile(unit: Unit, plan: Recipe, manifest: Manifest, work: Path) -> None:
    shown = {**_mapped(manifest), str(work.parent): MAPPED_DIRECTORY, work.name: BUILD}
    # The assembler learns only of the second option, and writes its folder into the line table.
    maps = ("-ffile-prefix-map", "-fdebug-prefix-map")
    command = [
        *(plan.compiler, *plan.flags, *unit.flags, f"-I{work.name}"),
        *(f"{option}={folder}={name}" for option in maps for folder, name in shown.items()),
        *("-c", unit.source, "-o", f"{work.name}/objects/{unit.object}"),
    ]
    done = run_tool(command, cwd=work.parent)
    if done.returncode:
        raise ToolError(f"{_shown(unit.source, manifest)}: {plan.compiler} failed: {_first_error(done.stderr)}")


def _link(program: Program, plan: Recipe, manifest: Manifest, work: Path) -> Path:
    output = work / program.output
    command = [
        *(plan.compiler, *plan.flags, *program.link_flags, "-Wl,--gc-sections"),
        f"-Wl,-Map={output.with_suffix('.map').name}",
        *(f"objects/{unit.object}" for unit in program.units),
        *("-o", program.output),
    ]
    done = run_tool(command, cwd=work)
    if done.returncode:
        where = f"{manifest.name} on {manifest.target.name}"
        overflow = re.search(r"region .(\w+)' overflowed by (\d+) bytes", done.stderr)
        if overflow:
            memory, excess = overflow.groups()
            excess_bytes = f"{int(excess):,} bytes"
            raise BudgetError(f"{where}: {program.output} exceeds {memory} by {excess_bytes}; use a larger board")
        raise ToolError(f"{where}: linking {program.output} failed: {_first_error(done.stderr)}")
    return output


def _first_error(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"(?i)\berror\b|undefined reference|overflow", line)]
    return re.sub(r"^\S*/(?=[\w-]*ld: )", "", (telling or lines or ["no message"])[0])


def _shown(source: str, manifest: Manifest) -> str:
    data = data_folder("runtime_c").parent
    return str(Path(source).relative_to(data)) if Path(source).is_relative_to(data) else source
