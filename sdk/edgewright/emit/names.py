"""C names of a generated model; nothing of the ONNX file's own text enters C."""

from __future__ import annotations

import re

from edgewright.errors import UsageError


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Longest prefix: C99 guarantees 31 significant characters of an external name, compilers and linkers give far more.
LONGEST = 40
WORDS_OF_C = _words(
    """
    auto break case char const continue default do double else enum extern float for goto if inline int long main
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
    alignas alignof and asm bool catch class compl constexpr delete explicit export false friend mutable namespace new
    not nullptr operator or private protected public template this throw true try typeid typename using virtual xor
    """
)
#: NAME.h would hide one of these: the folder comes first where compilers look.
STANDARD_HEADERS = _words(
    """
    assert complex ctype errno fenv fcntl float inttypes iso646 limits locale malloc math pthread sched setjmp signal
    stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar
    unistd wchar wctype
    """
)
#: Names of targets that CMake keeps for itself, and of object files that `edgewright build` makes.
TARGETS = _words("all clean golden help install model_traced package test")
#: NAME_t is a type of <stddef.h> or <stdint.h>.
TYPES = re.compile(r"u?int((_least|_fast)?(8|16|32|64)|ptr|max)|s?size|ptrdiff|max_align")


def check_name(name: str) -> str:
    """`name` as a C prefix.

    Raises:
        UsageError: it is not 1 to 40 lower-case letters, digits and underscores beginning with a letter, or it means
            something else to C, to the runtime or to CMake.
    """
    if not re.fullmatch(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}", name):
        raise UsageError(
            f"name '{name}': not usable as a C prefix; give -n with 1 to {LONGEST} lower-case letters, digits and"
            " underscores, a letter first"
        )
    if is_reserved(name):
        raise UsageError(f"name '{name}': taken by C, by the runtime or by CMake; give another one with -n")
    return name


def is_reserved(name: str) -> bool:
    """Whether a model of this name would clash with C, with the runtime (`ew_`) or with the build."""
    return (
        name in WORDS_OF_C | STANDARD_HEADERS | TARGETS
        or TYPES.fullmatch(name) is not None
        or name == "ew"
        or name.startswith("ew_")
    )


def name_from_path(stem: str) -> str:
    """A C prefix made from a file name."""
    cleaned = re.sub(r"[\W_]+", "_", stem, flags=re.ASCII).strip("_").lower() or "model"
    if not cleaned[0].isalpha() or is_reserved(cleaned):
        cleaned = f"model_{cleaned}"
    return cleaned[:LONGEST].rstrip("_")
