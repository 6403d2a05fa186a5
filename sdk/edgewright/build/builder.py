"""From a generated directory to programs, all or nothing."""

import hashlib
import os
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edgewright.artifact import Layout, Manifest, exclusive, read_manifest
from edgewright.artifact.directory import exchange
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
from edgewright.build.recipe import MAPPED_DATA, MAPPED_DIRECTORY, Program, Recipe, Unit, recipe
from edgewright.build.result import BuildResult, load_result, write_record
from edgewright.build.stack import StackBound, read_stack_usage, stack_bound
from edgewright.build.tools import find_tool, run_tool
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
    try:
        work = Path(tempfile.mkdtemp(prefix=UNFINISHED_BUILD, dir=directory))
        old = work.with_name(work.name + "-old")
        work.chmod(0o755)  # like any folder; mkdtemp shuts others out
        try:
            result = _build_in(work, manifest, recipe(manifest, build_id), build_id)
            write_record(result, work)
            exchange(directory / BUILD, work, old)
        finally:
            shutil.rmtree(work, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
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
    data = str(data_folder("runtime_c").parent)
    digest = hashlib.sha256()
    version = run_tool([plan.compiler, "--version"]).stdout.partition("\n")[0]
    text = repr((version, plan.flags, plan.programs, sorted(plan.files.items())))
    digest.update(text.replace(data, MAPPED_DATA).encode())
    folders = (data_folder("runtime_c") / "runner", data_folder("targets") / "support")
    inputs = [path for folder in folders for path in folder.glob("*") if path.suffix in (".c", ".h")]
    inputs += [directory / source for source in (*manifest.sources, manifest.golden)]
    inputs += [*directory.glob("*.h"), *(directory / RUNTIME).rglob("*.h"), *(directory / RUNTIME).rglob("*.inc")]
    for path in sorted(set(inputs)):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _build_in(work: Path, manifest: Manifest, plan: Recipe, build_id: str) -> BuildResult:
    find_tool(plan.compiler)
    for name, text in plan.files.items():
        (work / name).write_text(text, encoding="utf-8")
    objects = work / "objects"
    objects.mkdir()
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(lambda unit: _compile(unit, plan, manifest, work), plan.units()))
    outputs: dict[str, Path] = {}
    elf_problem = ""
    for program in plan.programs:
        try:
            outputs[program.output] = _link(program, plan, manifest, work)
        except BudgetError as error:
            if program.output != RUNNER_PROGRAM:
                raise
            elf_problem = str(error)
    measured = outputs.get(MINIMAL_PROGRAM) or outputs[LIBRARY]
    units = next(p.units for p in plan.programs if work / p.output == measured)
    linux = manifest.target.cpu.family != "cortex-m"
    root = f"{manifest.name}_run" if linux else "ew_reset"
    if manifest.threads > 1:
        bound = StackBound(None, problem=f"{root} starts threads, and what that takes is the C library's")
    else:
        taken = address_taken(objects / unit.object for unit in units if unit.part in ("model", "kernels"))
        bound = stack_bound(disassemble(measured, plan.compiler), root, read_stack_usage(objects), taken)
    parts = part_sizes(measured.with_suffix(".map"), {unit.object: unit.part for unit in units})
    sizes = section_sizes(measured)
    shutil.rmtree(objects)
    return BuildResult(
        elf=outputs.get(RUNNER_PROGRAM),
        minimal_elf=outputs.get(MINIMAL_PROGRAM),
        library=outputs.get(LIBRARY),
        elf_problem=elf_problem,
        flash_bytes=sum(p["flash"] for k, p in parts.items() if k != "library") if linux else sizes.flash_bytes,
        ram_bytes=sum(p["ram"] for k, p in parts.items() if k != "library") if linux else sizes.ram_bytes,
        stack_bytes=bound.bytes,
        stack_path=bound.path,
        stack_problem=bound.problem,
        sections={"text": sizes.text, "rodata": sizes.rodata, "data": sizes.data, "bss": sizes.bss},
        parts=parts,
        build_id=build_id,
    )


def _compile(unit: Unit, plan: Recipe, manifest: Manifest, work: Path) -> None:
    data = data_folder("runtime_c").parent
    command = [
        *(plan.compiler, *plan.flags, *unit.flags, f"-I{work.name}"),
        f"-ffile-prefix-map={data}={MAPPED_DATA}",
        f"-ffile-prefix-map={work.parent}={MAPPED_DIRECTORY}",
        f"-ffile-prefix-map={work.name}={BUILD}",
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
    return source if not source.startswith("/") else str(Path(source).relative_to(data_folder("runtime_c").parent))
