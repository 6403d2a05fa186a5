"""The fields of every parameter struct, in order, read from the header that declares them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STRUCT = re.compile(r"typedef struct \{(.*?)\}\s*(\w+);", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATOR = re.compile(r"(\w+)\s*(\[[^\]]*\])?\s*$")


@cache
def struct_fields(header: Path) -> dict[str, dict[str, str]]:
    """Struct name -> {field name: its C type}, fields in order of declaration, for every typedef in `header`.

    The type of an array ends in []; of a pointer it is what it points to.
    """
    text = COMMENT.sub("", header.read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = {}
    for body, name in STRUCT.findall(text):
        fields: dict[str, str] = {}
        for statement in filter(str.strip, body.split(";")):
            ctype = re.sub(r"^const\s+", "", statement.strip()).split()[0]
            for declarator in statement.split(","):
                match = DECLARATOR.search(declarator.strip())
                if match:
                    fields[match[1]] = f"{ctype}[]" if match[2] else ctype
        found[name] = fields
    return found
