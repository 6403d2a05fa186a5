"""The order of the modules: each imports only what stands above it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "sdk" / "edgewright"
#: From the bottom up: what stands first may be imported by all that follow.
ORDER = (
    *("errors", "paths", "blas", "ir", "numerics", "cgen", "targets", "contracts", "ops", "kernels", "frontend"),
    *("passes", "compress", "quantize", "train", "plan", "options", "pipeline", "artifact", "emit", "budget", "build"),
    *("flash", "run", "validate", "profile", "export", "demo", "verbs", "report", "api", "cli"),
)
#: Third-party packages that stay behind one door, and who may open it.
DOORS = {
    "onnx": {"frontend"},
    "onnxruntime": {"compress", "quantize", "validate"},
    "torch": {"train"},
}


def layer_of(path: Path) -> str | None:
    """The layer that a file of the package belongs to; None for the package's own `__init__` and `__main__`."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return None if first in ("__init__", "__main__") else first


def imported_modules(path: Path, source: str) -> Iterator[str]:
    """Dotted names of everything that `source`, the text of `path`, imports anywhere in it.

    `from a import b` gives `a.b`, since b may be a module.
    """
    package = ("edgewright", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            parts = [*base, *(node.module or "").split(".")]
            yield from (".".join(filter(None, [*parts, alias.name])) for alias in node.names)


def violations(path: Path, source: str) -> list[str]:
    """What `source`, the text of `path`, imports and must not: one line each."""
    layer = layer_of(path)
    if layer is None:
        return []
    found = []
    for name in sorted(set(imported_modules(path, source))):
        root, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if root in DOORS and layer not in DOORS[root]:
            found.append(f"{layer} imports {name}; only {', '.join(sorted(DOORS[root]))} may")
        elif root == "edgewright" and target in ORDER and ORDER.index(target) > ORDER.index(layer):
            found.append(f"{layer} imports {name}, which stands below it")
    return found


SOURCES = sorted(PACKAGE.rglob("*.py"))


def test_every_module_has_a_place_in_the_order() -> None:
    assert {layer_of(path) for path in SOURCES} - {None} <= set(ORDER)


@pytest.mark.parametrize("layer", ORDER)
def test_layer_imports_only_what_stands_above_it(layer: str) -> None:
    found = {
        str(path.relative_to(PACKAGE)): lines
        for path in SOURCES
        if layer_of(path) == layer and (lines := violations(path, path.read_text()))
    }
    assert not found


@pytest.mark.parametrize(("stage", "home"), [("lower_graph", "quantize"), ("make_plan", "plan")])
def test_only_the_pipeline_lowers_and_plans(stage: str, home: str) -> None:
    users = {
        layer_of(path)
        for path in SOURCES
        if any(name.endswith(f".{stage}") for name in imported_modules(path, path.read_text()))
    }
    assert users == {home, "pipeline"}


@pytest.mark.parametrize(
    ("file", "source", "count"),
    [
        ("ir/graph.py", "from edgewright.errors import UsageError", 0),
        ("ir/graph.py", "from edgewright.ir.types import Quant", 0),
        ("ir/graph.py", "from edgewright import cli", 1),
        ("ir/graph.py", "import edgewright.plan.arena", 1),
        ("ir/graph.py", "from . import types", 0),
        ("ir/graph.py", "from ..cgen import Array", 1),
        ("ir/graph.py", "from .. import cgen", 1),
        ("ir/graph.py", "def late():\n    from edgewright.ops.conv import Conv", 1),
        ("ir/graph.py", "from edgewright import __version__", 0),
        ("passes/to_nhwc.py", "import onnx.helper", 1),
        ("frontend/load.py", "import onnx.helper", 0),
        ("validate/float.py", "import onnxruntime", 0),
        ("run/host.py", "from onnxruntime import InferenceSession", 1),
        ("verbs/prune.py", "from torch import nn", 1),
        ("__init__.py", "from edgewright.api import compile", 0),
    ],
)
def test_the_check_itself(file: str, source: str, count: int) -> None:
    assert len(violations(PACKAGE / file, source)) == count
