"""What is compiled and linked for a generated directory, as data."""

import json
from dataclasses import dataclass
from pathlib import Path

from edgewright.artifact import Layout, Manifest, Tensor
from edgewright.artifact.layout import (
    LIBRARY,
    MINIMAL_PROGRAM,
    RUNNER_PROGRAM,
    RUNTIME,
    RUNTIME_INCLUDE,
    RUNTIME_SOURCES,
)
from edgewright.build.board_files import BOARD_HEADER, LINKER_SCRIPT, board_header, linker_script
from edgewright.cgen.blocks import LICENSE_LINE
from edgewright.paths import data_folder
from edgewright.targets import Arch, Board, Runs

#: Code beside the kernels runs once or waits for a UART: small is better.
GLUE_OPTIMIZE = ("-Os",)
COMMON = (
    *("-std=c99", "-g", "-Wall", "-Wextra", "-fno-common", "-ffunction-sections", "-fdata-sections"),
    "-fstack-usage",
)
#: Names under which the generated directory and Edgewright's own C files appear in debug information.
MAPPED_DIRECTORY, MAPPED_DATA, MAPPED_BOARD = ".", "edgewright", "board"
INFO_HEADER = "ew_model_info.h"


@dataclass(frozen=True)
class Unit:
    """One compilation.

    source: path to read, relative to the generated directory or absolute. object: file name to write.
    part: what its size counts as: startup, model, weights, kernels or runner. flags: beyond the common ones.
    """

    source: str
    object: str
    part: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Program:
    """One link: `units` become `output`."""

    output: str
    units: tuple[Unit, ...]
    link_flags: tuple[str, ...]


@dataclass(frozen=True)
class Recipe:
    """All programs of a directory; files: texts to write beside the objects first, by name."""

    compiler: str
    flags: tuple[str, ...]
    programs: tuple[Program, ...]
    files: dict[str, str]

    def units(self) -> list[Unit]:
        """Every unit once, in the order of first use."""
        return list(dict.fromkeys(unit for program in self.programs for unit in program.units))


def recipe(manifest: Manifest, build_id: str = "") -> Recipe:
    """The recipe for the manifest's target; `build_id` goes into the runner's description of itself."""
    target, board, arch = manifest.target, manifest.target.link_board, manifest.target.arch
    name, layout = manifest.name, Layout(manifest.name)
    own = (f"-DEW_MODEL={name}", f"-DEW_MODEL_UPPER={name.upper()}", f'-DEW_MODEL_HEADER="{layout.header}"')
    traced = [f"-D{name}_{verb}={name}_{verb}_traced" for verb in ("init", "input", "output", "run", "selftest")]
    model = tuple(_model_unit(manifest, source) for source in dict.fromkeys((*manifest.sources, manifest.golden)))
    trace = (
        Unit(
            layout.calls,
            "model_traced.o",
            "runner",
            (*GLUE_OPTIMIZE, *traced, "-include", _runner("ew_trace_hook.h")),
        ),
        _glue("ew_trace.c"),
        _glue("ew_crc32.c"),
        _glue("ew_model.c", own),
    )
    # What the minimal program executes is counted: all shares of a layer, no waiting.
    alone = ("-DEW_ONE_THREAD",) if manifest.threads > 1 else ()
    minimal = (
        *(unit for unit in model if unit.source != manifest.golden),
        _glue("ew_minimal_main.c", (*own, *alone), part="startup"),
    )
    folders = dict.fromkeys(arch.path(file).parent for file in (*arch.startup, *arch.port))
    flags = (
        *target.cpu.flags,
        *arch.flags,
        *(("-pthread",) if manifest.threads > 1 else ()),
        *COMMON,
        *("-I.", f"-I{RUNTIME_INCLUDE}", f"-I{RUNTIME_SOURCES}"),
        *(f"-I{folder}" for folder in dict.fromkeys([data_folder("runtime_c") / "runner", *folders])),
    )
    serving = (*model, *trace, _glue("ew_frame.c"), _glue("ew_runner.c"), _glue("ew_runner_main.c"))
    files = {INFO_HEADER: _info_header(manifest, build_id)}
    start, port, link = _start_units(arch, board), _port_units(arch, board), arch.link_flags
    if board is not None:
        link += ("-T", LINKER_SCRIPT)
        files[LINKER_SCRIPT] = linker_script(board, manifest.arena_bytes)
        files[BOARD_HEADER] = board_header(board)
    programs: tuple[Program, ...]
    if arch.runs is Runs.LIBRARY:
        programs = (Program(LIBRARY, (*model, *trace, *port), link),)
    else:
        programs = (Program(MINIMAL_PROGRAM, (*start, *minimal), link),)
        if board is None or board.uart:
            programs = (Program(RUNNER_PROGRAM, (*start, *serving, *port), link), *programs)
    return Recipe(target.cpu.compiler, flags, programs, files)


def _model_unit(manifest: Manifest, source: str) -> Unit:
    layout = Layout(manifest.name)
    stem = source.replace("/", "_").rsplit(".", 1)[0]
    if source.startswith(f"{RUNTIME}/"):
        return Unit(source, f"{stem}.o", "kernels", tuple(manifest.optimize.split()))
    part = {layout.weights: "weights", layout.golden: "runner"}.get(source, "model")
    return Unit(source, f"{stem}.o", part, GLUE_OPTIMIZE)


def _runner(name: str) -> str:
    return str(data_folder("runtime_c") / "runner" / name)


def _glue(file: str | Path, flags: tuple[str, ...] = (), part: str = "runner") -> Unit:
    """A file of the runner (by its name) or of an arch (by its path)."""
    source = _runner(file) if isinstance(file, str) else str(file)
    return Unit(source, f"glue_{Path(file).stem}.o", part, (*GLUE_OPTIMIZE, *flags))


def _start_units(arch: Arch, board: Board | None) -> tuple[Unit, ...]:
    init = board.init_source if board else None
    boot = board.boot_sources if board else ()
    flags = (*arch.startup_flags, *(("-DEW_BOARD_INIT",) if init else ()))
    units = tuple(_glue(arch.path(file), flags, "startup") for file in arch.startup)
    units += tuple(_glue(path, part="startup") for path in boot)
    return (*units, Unit(str(init), "board_init.o", "startup", GLUE_OPTIMIZE)) if init else units


def _port_units(arch: Arch, board: Board | None) -> tuple[Unit, ...]:
    uart = board.uart if board else None
    return tuple(_glue(file) for file in (*map(arch.path, arch.port), *([uart.driver_source] if uart else [])))


def _info_header(manifest: Manifest, build_id: str) -> str:
    """Sizes for the runner, and its description of itself, which holds no name from the model."""

    def described(tensors: tuple[Tensor, ...]) -> list[dict[str, object]]:
        return [{"bytes": t.bytes, "dtype": t.dtype, "scale": t.scale, "zero": t.zero} for t in tensors]

    board = manifest.target.link_board
    info = {
        "board": board.name if board else "",
        "cpu": manifest.target.cpu.name,
        "build": build_id,
        "inputs": described(manifest.inputs),
        "outputs": described(manifest.outputs),
    }
    text = json.dumps(json.dumps(info, separators=(",", ":")))
    return "\n".join(
        [
            LICENSE_LINE,
            f"#define EW_MODEL_INPUT_BYTES {', '.join(str(t.bytes) + 'u' for t in manifest.inputs)}",
            f"#define EW_MODEL_OUTPUT_BYTES {', '.join(str(t.bytes) + 'u' for t in manifest.outputs)}",
            f"#define EW_MODEL_LAYER_COUNT {len(manifest.layers)}u",
            f"#define EW_MODEL_INFO {text}",
            "",
        ]
    )
