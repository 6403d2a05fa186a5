"""C names of a generated model; nothing of the ONNX file's own text enters C."""

from __future__ import annotations

import re

from edgewright.errors import UsageError

C_KEYWORDS = frozenset(
    [
        "auto",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        "class",
        "new",
        "delete",
        "template",
        "this",
        "namespace",
        "bool",
        "true",
        "false",
        "main",
        "ew",
    ]
)


def check_name(name: str) -> str:
    """`name` as a C prefix.

    Raises:
        UsageError: it is not 1 to 40 lower-case letters, digits and underscores beginning with a letter, or is a C word.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or name in C_KEYWORDS:
        raise UsageError(
            f"name '{name}': not usable as a C prefix; give -n with lower-case letters, digits and underscores"
        )
    return name


def name_from_path(stem: str) -> str:
    """A C prefix made from a file name."""
    cleaned = re.sub(r"\W+", "_", stem, flags=re.ASCII).strip("_").lower() or "model"
    if not cleaned[0].isalpha() or cleaned in C_KEYWORDS:
        cleaned = f"model_{cleaned}"
    return cleaned[:40]
