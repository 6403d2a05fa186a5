"""What a build leaves behind, and its record in `build/build.json`."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from edgewright.artifact.layout import BUILD, BUILD_RECORD
from edgewright.errors import UsageError


@dataclass(frozen=True)
class BuildResult:
    """The programs of a directory and what the minimal one costs.

    elf: the validation runner; minimal_elf: startup, model, kernels, weights and one inference; library: the
    shared library, for the host. None where the target has no such program.
    elf_problem: why there is no runner although there should be one, else "".
    flash_bytes: text + rodata + data. ram_bytes: data + bss, arena included, stack not. stack_bytes: bound of
    the stack of the whole program (of `<name>_run` under Linux); stack_path: the calls that need it. Without a
    bound it is None, and stack_problem tells why. sections: text, rodata, data and bss.
    parts: flash and RAM bytes by origin: startup, model, weights, kernels, library.
    build_id: digest of all that went in.
    """

    elf: Path | None
    minimal_elf: Path | None
    library: Path | None
    elf_problem: str
    flash_bytes: int
    ram_bytes: int
    stack_bytes: int | None
    stack_path: tuple[str, ...]
    stack_problem: str
    sections: dict[str, int]
    parts: dict[str, dict[str, int]]
    build_id: str


def write_record(result: BuildResult, folder: Path) -> None:
    """Keeps `result` in `folder`, with file names instead of paths."""
    data = dataclasses.asdict(result)
    for key in ("elf", "minimal_elf", "library"):
        data[key] = data[key].name if data[key] else None
    (folder / BUILD_RECORD).write_text(json.dumps({"schema_version": 1, **data}, indent=2) + "\n", encoding="utf-8")


def load_result(directory: Path) -> BuildResult:
    """The result of the last build of `directory`.

    Raises:
        UsageError: it was not built, or by another version.
    """
    folder = directory / BUILD
    try:
        data = json.loads((folder / BUILD_RECORD).read_text(encoding="utf-8"))
        if data.pop("schema_version") != 1:
            raise ValueError("another schema_version")
        for key in ("elf", "minimal_elf", "library"):
            data[key] = folder / data[key] if data[key] else None
        data["stack_path"] = tuple(data["stack_path"])
        return BuildResult(**data)
    except FileNotFoundError:
        raise UsageError(f"{directory}: not built; run: edgewright build {directory}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        where = folder / BUILD_RECORD
        raise UsageError(f"{where}: cannot be used ({error}); run: edgewright build {directory}") from None
