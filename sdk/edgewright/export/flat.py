"""The files of a directory as one text: includes resolved, names that are private to a file made the model's own.

A generated directory gives the kernels their versioned names with `#define`; in one text those would reach the
application, so the names are written out.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping

#: `#include "..."` of a file that stands in the directory.
INCLUDE = re.compile(r'^#include "([^"]+)"\n', re.MULTILINE)
#: What a copied file says of its licence and version in its first lines, once for all in the flat text.
HEAD = re.compile(r"\A/\* SPDX[^\n]*\*/\n(?:/\* Copied from Edgewright[^\n]*\*/\n)?")
#: A name with its version, and the comment above the first of them.
VERSIONED = re.compile(r"^#define (ew_\w+) (\1_[0-9a-f]{8})\n", re.MULTILINE)
NAMES_COMMENT = re.compile(r"^/\* Names of this version of the kernels[^\n]*\*/\n", re.MULTILINE)
#: A name of ours that is no file's.
NAME = re.compile(r'\bew_\w+\b(?!\.h")')
#: The check of the runtime beside a generated file.
RUNTIME_CHECK = re.compile(r"^#if EW_RUNTIME_VERSION .*?^#endif\n", re.MULTILINE | re.DOTALL)
#: What a .c file keeps to itself: static functions, constants and structs, types, macros.
PRIVATE = (
    re.compile(r"^static (?!inline)[\w\s*]*?\b(\w+)(?:\(|\[| EW_CONST_SECTION| =)", re.MULTILINE),
    re.compile(r"^static inline [\w\s*]*?\b(\w+)\(", re.MULTILINE),
    re.compile(r"^\} (\w+);", re.MULTILINE),
    re.compile(r"^typedef (?:struct|union) \w+ (\w+);", re.MULTILINE),
    re.compile(r"^#define (\w+)", re.MULTILINE),
)
#: Names of the project's own are never private.
OURS = ("ew_", "EW_")


class FlatText:
    """The text of several files, each header where it is first included."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._versioned = {name: full for text in texts.values() for name, full in VERSIONED.findall(text)}
        self._texts = {path: self._bare(text) for path, text in texts.items()}
        self._taken: set[str] = set()

    def skip(self, *paths: str) -> None:
        """Leave these files out wherever they are included."""
        self._taken |= set(paths)

    def header(self, path: str) -> str:
        """A header with all that it includes; nothing the second time."""
        if path in self._taken:
            return ""
        self._taken.add(path)
        return self._resolved(path, self._texts[path])

    def source(self, path: str, prefix: str) -> str:
        """A .c file with all headers that it includes first; names private to it begin with `prefix`."""
        return self._resolved(path, private(self._texts[path], prefix))

    def _bare(self, text: str) -> str:
        """A file without its licence line and its check of the runtime; versioned names written out."""
        text = VERSIONED.sub("", RUNTIME_CHECK.sub("", NAMES_COMMENT.sub("", HEAD.sub("", text))))
        return NAME.sub(lambda match: self._versioned.get(match[0], match[0]), text)

    def _resolved(self, path: str, text: str) -> str:
        folder = os.path.dirname(path)
        return INCLUDE.sub(lambda match: self.header(os.path.normpath(os.path.join(folder, match[1]))), text)


def private(text: str, prefix: str) -> str:
    """`text` with `prefix` before every name that its file keeps to itself."""
    names = {name for pattern in PRIVATE for name in pattern.findall(text) if not name.startswith((*OURS, prefix))}
    return re.sub(rf"\b(?:{'|'.join(sorted(names))})\b", rf"{prefix}\g<0>", text) if names else text
