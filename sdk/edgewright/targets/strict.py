"""TOML or JSON to frozen dataclass, with every key checked."""

import dataclasses
import difflib
import re
import tomllib
import types
import typing
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, TypeVar

from edgewright.errors import UsageError

NO_NAME = "its name is not made of letters, digits, '.', '-' and '_'"


def is_name(text: str) -> bool:
    """Whether a target may be called so."""
    return bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text))


class Checked(Protocol):
    """A record that knows the rules it must keep."""

    def problems(self) -> list[str]: ...


Record = TypeVar("Record", bound=Checked)


def load_record(cls: type[Record], path: Path) -> Record:
    """The file at `path` as a `cls`, whose fields `name` and `file` are the file's stem and `path`.

    Raises:
        UsageError: a key is unknown, missing or of another type, or a rule is broken.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    for key in ("name", "file"):
        if key in table:
            raise UsageError(f"{path}: unknown key '{key}'; the name is that of the file")
    record: Record = from_table(cls, {"name": path.stem, "file": path, **table}, str(path))
    problems = record.problems()
    if not is_name(path.stem):
        problems.append(NO_NAME)
    if problems:
        raise UsageError(f"{path}: {'; '.join(problems)}")
    return record


def from_table(cls: type[Any], table: dict[str, Any], where: str) -> Any:
    """A dataclass from a TOML table or JSON object; dataclasses in it, tuples, dicts and `| None` are followed."""
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    needed = [key for key, field in fields.items() if not _has_default(field)]
    wrong = [f"unknown key '{key}'{did_you_mean(key, list(fields))}" for key in table if key not in fields]
    wrong += [f"key '{key}' is missing" for key in needed if key not in table]
    if wrong:
        raise UsageError(f"{where}: {'; '.join(wrong)}")
    return cls(**{key: _converted(value, hints[key], f"{where}: '{key}'") for key, value in table.items()})


def _has_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


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
    if isinstance(hint, type) and issubclass(hint, Enum):
        known = [member.value for member in hint]
        if value not in known:
            raise UsageError(f"{where} '{value}' is none of {', '.join(known)}")
        return hint(value)
    if hint not in (Any, type(value)) and not (hint is Path and isinstance(value, Path)):
        raise UsageError(f"{where} must be {getattr(hint, '__name__', hint)}, not {type(value).__name__}")
    return value


def did_you_mean(name: str, known: list[str]) -> str:
    """What to say behind the complaint that `name` is none of `known`: nothing when none is close."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
