"""Blocks of lines that generated files are made of."""

from collections.abc import Sequence

LICENSE_LINE = "/* SPDX-License-Identifier: Apache-2.0 */"


def file_text(*blocks: Sequence[str]) -> str:
    """A file: its blocks, an empty line between two; empty blocks leave no trace."""
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def comment(*lines: str) -> list[str]:
    """A comment of one line or of several."""
    if len(lines) == 1:
        return [f"/* {lines[0]} */"]
    return [f"/* {lines[0]}", *(f" * {line}".rstrip() for line in lines[1:-1]), f" * {lines[-1]} */"]


def include(path: str) -> str:
    """`#include "path"`."""
    return f'#include "{path}"'


def guarded(guard: str, *blocks: Sequence[str]) -> list[Sequence[str]]:
    """The blocks of a header that may be included twice."""
    return [[f"#ifndef {guard}", f"#define {guard}"], *blocks, ["#endif"]]


def extern_c(*blocks: Sequence[str]) -> list[Sequence[str]]:
    """Blocks of declarations that C++ may read, too."""
    return [["#ifdef __cplusplus", 'extern "C" {', "#endif"], *blocks, ["#ifdef __cplusplus", "}", "#endif"]]


def function(head: str, *body: str) -> list[str]:
    """A function with the lines of its body, which are indented by one step."""
    return [head, "{", *(f"    {line}" for line in body), "}"]


def block(head: str, *body: str) -> list[str]:
    """A statement with a block, such as `if (...)` or `for (...)`."""
    return [f"{head} {{", *(f"    {line}" for line in body), "}"]


def switch(on: str, cases: Sequence[Sequence[str]], default: Sequence[str] = ()) -> list[str]:
    """A switch over 0, 1, ...; without a default the last case is it."""
    lines = [f"switch ({on}) {{"]
    for k, case in enumerate(cases):
        is_default = not default and k + 1 == len(cases)
        lines += ["default:" if is_default else f"case {k}:", *(f"    {line}" for line in case)]
    if default:
        lines += ["default:", *(f"    {line}" for line in default)]
    return [*lines, "}"]


def version_check(macro: str, version: str, otherwise: str) -> list[str]:
    """Stops the compiler with `otherwise` when the header before has another version, of 8 hexadecimal digits."""
    return [f"#if {macro} != 0x{version}u", f'#error "{otherwise}"', "#endif"]
