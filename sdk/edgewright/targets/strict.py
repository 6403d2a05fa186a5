"""TOML or JSON to frozen dataclass, with every key checked."""

import dataclasses
import difflib
import tomllib
import types
import typing
from pathlib import Path
from typing import Any, Protocol, TypeVar

from edgewright.errors import UsageError


class Checked(Protocol):
    """A record that knows the rules it must keep."""

    def problems(self) -> list[str]: ...


Record = TypeVar("Record", bound=Checked)


def load_record(cls: type[Record], folder: Path, name: str, kind: str) -> Record:
    """`folder/name.toml` as a `cls`, whose field `name` is the file's stem.

    Raises:
        UsageError: no such file, a key is unknown, missing or of another type, or a rule is broken.
    """
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = sorted(p.stem for p in folder.glob("*.toml"))
        raise UsageError(f"{name}: no such {kind}{_hint(name, known)}; known: {', '.join(known)}")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name}: not TOML: {error}") from None
    record: Record = from_table(cls, {"name": name, **table}, path.name)
    problems = record.problems()
    if problems:
        raise UsageError(f"{path.name}: {'; '.join(problems)}")
    return record


def from_table(cls: type[Any], table: dict[str, Any], where: str) -> Any:
    """A dataclass from a TOML table or JSON object; dataclasses in it, tuples, dicts and `| None` are followed."""
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    for key in table:
        if key not in fields:
            raise UsageError(f"{where}: unknown key '{key}'{_hint(key, list(fields))}")
    for key, field in fields.items():
        if key not in table and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise UsageError(f"{where}: key '{key}' is missing")
    return cls(**{key: _converted(value, hints[key], f"{where}: '{key}'") for key, value in table.items()})


def _converted(value: Any, hint: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return None if value is None else _converted(value, arguments[0], where)
    if origin is dict and isinstance(value, dict):
        return {key: _converted(item, arguments[1], f"{where}: '{key}'") for key, item in value.items()}
    if origin is tuple:
        if not isinstance(value, list):
            raise UsageError(f"{where} must be a list, not {type(value).__name__}")
        return tuple(_converted(item, arguments[0], where) for item in value)
    if dataclasses.is_dataclass(hint) and type(value) is not hint:
        if not isinstance(value, dict):
            raise UsageError(f"{where} must be a table, not {type(value).__name__}")
        return from_table(typing.cast(type, hint), value, where)
    if hint is not Any and type(value) is not hint:
        raise UsageError(f"{where} must be {getattr(hint, '__name__', hint)}, not {type(value).__name__}")
    return value


def _hint(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
