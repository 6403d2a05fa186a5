"""Which files of `runtime_c` a model needs, and how they are made fit to stand beside those of other models.

The kernels of a directory share a version: a hash of the code of the whole runtime and of the options that the kernels
are compiled with. Every symbol ends in it and is weak, and files include each other by relative paths. So in one
program equal kernels are shared, others stand side by side, and no file meets one of another version.
"""

from __future__ import annotations

import hashlib
import os.path
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from edgewright import __version__
from edgewright.artifact.layout import LICENSE
from edgewright.cgen.blocks import LICENSE_LINE, comment
from edgewright.paths import data_folder, license_path
from edgewright.plan import Plan

#: Headers that every generated directory has.
PUBLIC_HEADERS = ("ew.h", "ew_quantize.h", "ew_kernels.h", "ew_fixed_point.h")
#: The pool, when a layer runs on several threads.
THREADS = "threads/ew_threads.c"
CODE = (".c", ".h", ".S", ".inc")
INCLUDE = re.compile(r'^(\s*#\s*include\s+)"([^"]+)"', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NAME = re.compile(r"\bew_\w+")
#: The head of a function, alias or constant with external linkage, as clang-format leaves it.
DEFINITION = re.compile(
    r"^(?!static|typedef)[A-Za-z_][\w\s*]*?\b(ew_\w+)(?:\([^;{}]*\)| =)\s*(?:\{|__attribute__\(\(alias)", re.MULTILINE
)
GUARD = re.compile(r"^#define EW_(?:\w+_)?H\n", re.MULTILINE)
RENAMED = comment("Names of this version of the kernels: those of another may stand in the same program.")
#: Assembly makes its symbols global with a directive: the preprocessor turns it into the weak one.
WEAK_ASSEMBLY = "#define global weak"


@dataclass(frozen=True)
class Runtime:
    """The runtime of one directory.

    version: 8 hex digits, of the kernels. api: likewise, of what an application sees. files: text by path below
    `runtime`. sources: those to compile.
    """

    version: str
    api: str
    files: dict[str, str]
    sources: tuple[str, ...]


def collect_runtime(plan: Plan, options: Sequence[str]) -> Runtime:
    """The headers and used kernels of a plan. options: GCC's, which the kernels are compiled with."""
    tree = read_tree(data_folder("runtime_c"))
    kernels = sorted({source for layer in plan.layers for source in layer.kernel.sources})
    sources = [f"src/{source}" for source in (*kernels, *((THREADS,) if plan.threads > 1 else ()))]
    public = [f"include/{name}" for name in PUBLIC_HEADERS]
    version = _digest([*tree.code.items(), *options])
    api = _digest(tree.code[path] for path in public[:2])
    paths = [*public, *sources, *headers_of(plan)]
    files = {path: tree.copy_of(path, version) for path in dict.fromkeys([*paths, *tree.included(paths)])}
    for path, name, value in ((public[0], "EW_API_VERSION", api), (public[2], "EW_RUNTIME_VERSION", version)):
        files[path] = GUARD.sub(rf"\g<0>\n/* Generated code compares it. */\n#define {name} 0x{value}u\n", files[path])
    files[LICENSE] = license_path().read_text(encoding="utf-8")
    return Runtime(version, api, files, tuple(sources))


def headers_of(plan: Plan) -> list[str]:
    """Headers that declare what the call list of a plan calls, below `runtime`, sorted."""
    names = {"ew_kernels.h", *(name for layer in plan.layers for name in layer.kernel.headers)}
    if plan.threads > 1:
        names.add(THREADS.replace(".c", ".h"))
    return sorted(f"include/{name}" if name in PUBLIC_HEADERS else f"src/{name}" for name in names)


def _digest(parts: Iterable[object]) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:8]


@dataclass(frozen=True, eq=False)
class Tree:
    """All C and assembly of `runtime_c/include` and `src`, by path.

    texts: as the files are. code: without comments, white space made equal. defined: names with external linkage that
    each file defines; assembly, whose definitions are made by macros, all that it names.
    """

    texts: dict[str, str]
    code: dict[str, str]
    defined: dict[str, frozenset[str]]

    def included(self, sources: Iterable[str]) -> list[str]:
        """Headers that the sources include, directly or through each other, sorted."""
        found: set[str] = set()
        frontier = list(sources)
        while frontier:
            path = frontier.pop()
            headers = {self.resolved(name, path) for _, name in INCLUDE.findall(self.texts[path])} - found
            found |= headers
            frontier += headers
        return sorted(found)

    def resolved(self, name: str, path: str) -> str:
        """The path of what the file at `path` includes as `name`.

        Raises:
            KeyError: there is no such file.
        """
        folders = (PurePosixPath(path).parent, PurePosixPath("src"), PurePosixPath("include"))
        found = next((str(folder / name) for folder in folders if str(folder / name) in self.texts), None)
        if found is None:
            raise KeyError(f"{path}: includes {name}, which is not in runtime_c")
        return found

    def copy_of(self, path: str, version: str) -> str:
        """A file as it stands in a generated directory."""
        folder = os.path.dirname(path)
        text = INCLUDE.sub(
            lambda match: f'{match[1]}"{os.path.relpath(self.resolved(match[2], path), folder)}"', self.texts[path]
        )
        exported = frozenset().union(*self.defined.values())
        lines = [f"#define {name} {name}_{version}" for name in sorted(exported & set(NAME.findall(self.code[path])))]
        if path.endswith(".S"):
            lines.append(WEAK_ASSEMBLY)
        elif path.endswith(".c"):
            lines += [f"#pragma weak {name}_{version}" for name in sorted(self.defined[path])]
        head = [LICENSE_LINE, *comment(f"Copied from Edgewright {__version__}; its licence is in runtime/{LICENSE}.")]
        renamed = [*RENAMED, *lines, ""] if lines else []
        return "\n".join([*head, *renamed, text.removeprefix(f"{LICENSE_LINE}\n")])


@cache
def read_tree(folder: Path) -> Tree:
    """The tree in `folder`."""
    files = sorted(path for part in ("include", "src") for path in (folder / part).rglob("*") if path.suffix in CODE)
    texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}
    bare = {path: COMMENT.sub(" ", text) for path, text in texts.items()}
    defined = {path: frozenset(DEFINITION.findall(text)) for path, text in bare.items() if path.endswith(".c")}
    for path, text in bare.items():
        if path.endswith(".S"):
            names = NAME.findall(INCLUDE.sub("", text))
            defined[path] = frozenset(name for name in names if not name.endswith("_t"))
    return Tree(texts, {path: " ".join(INCLUDE.sub("", text).split()) for path, text in bare.items()}, defined)
