"""What verbs give back, and the one way in which it becomes JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 1
#: What `json` can write: dicts, lists, strings, numbers, None.
Document = dict[str, Any]
#: Metadata of fields: one that is left out of documents while it is None, and one whose own fields stand in its place.
OPTIONAL = {"optional": True}
FLAT = {"flat": True}


@dataclass(frozen=True)
class Record:
    """The result of a verb."""

    def to_json(self) -> Document:
        """The document that `--json` prints: the fields by name, and the version of what they mean."""
        return {"schema_version": SCHEMA_VERSION, **_fields(self)}

    def check(self) -> None:
        """Raise an EdgewrightError when the result is not what was asked for: a gate that failed."""


def plain(value: Any) -> Any:
    """`value` as JSON has it; a number that JSON cannot write (a float model may yield NaN) is None."""
    if hasattr(value, "to_json"):
        return plain(value.to_json())
    if dataclasses.is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str | Path):
        return str(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _fields(record: Any) -> Document:
    document: Document = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if value is None and (field.metadata in (OPTIONAL, FLAT)):
            continue
        if field.metadata == FLAT:
            document |= plain(value)
        else:
            document[field.name] = plain(value)
    return document
