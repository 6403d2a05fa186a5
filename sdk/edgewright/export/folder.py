"""An exported folder on disk: written all or nothing, and replaced only while nobody has changed it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from edgewright import __version__
from edgewright.artifact import replaced
from edgewright.artifact.directory import check_place
from edgewright.artifact.layout import LICENSE
from edgewright.errors import UsageError
from edgewright.export.format import Files, Format
from edgewright.export.model import ExportedModel

#: What says that a folder is an export, and which bytes it had.
RECORD = "edgewright-export.json"
#: Where build systems are told to put what they make: it may go.
BUILT = "build/"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Exported:
    """files: paths below the folder, sorted. portable: whether kernels of the CPU gave way to portable C."""

    files: tuple[str, ...]
    portable: bool


def write_export(model: ExportedModel, form: Format, out: Path) -> Exported:
    """Write `model` as `form` into the folder `out`; an earlier export that nobody changed is replaced.

    Raises:
        UsageError: `out` cannot be written, or holds something else.
    """
    check_export(out)
    taken = form.taken(model)
    return Exported(write_folder(taken, form.name, form.files(taken), out), taken is not model)


def write_folder(model: ExportedModel, kind: str, files: Files, out: Path) -> tuple[str, ...]:
    """Write `files` and the licence into the folder `out`, and the record of them; the paths of all, sorted.

    Raises:
        UsageError: see `write_export`.
    """
    texts = {**files, LICENSE: model.license}
    record = {
        "schema_version": SCHEMA_VERSION,
        "edgewright": __version__,
        "format": kind,
        "name": model.name,
        "model_sha256": model.manifest.model.sha256,
        "target": model.manifest.target.to_json(),
        "files": {path: _hash(text.encode()) for path, text in sorted(texts.items())},
    }
    texts[RECORD] = json.dumps(record, indent=1) + "\n"
    with replaced(out, check_export) as new:
        for path, text in texts.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).write_text(text, encoding="utf-8")
    return tuple(sorted(texts))


def check_export(folder: Path) -> None:
    """Raise UsageError when `folder` exists and holds anything but an export as it was written, and what it built."""
    check_place(folder)
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    try:
        document = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        known = {str(path): str(digest) for path, digest in document["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{folder}: is not empty and no export of Edgewright; give a new or empty folder") from None
    try:
        there = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}") from None
    ours = {p for p, data in there.items() if p == RECORD or p.startswith(BUILT) or known.get(p) == _hash(data)}
    changed = sorted(there.keys() - ours)
    if changed:
        what = ", ".join(changed[:3]) + (", ..." if len(changed) > 3 else "")
        raise UsageError(f"{folder}: files were added or changed since it was exported ({what}); give a new folder")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
