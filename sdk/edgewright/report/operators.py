"""The page of supported operators: `docs/operators.md`."""

from __future__ import annotations

import dataclasses
import sys

from edgewright.verbs.ops import ops

HEADER = """# Operators

Generated from the operations; `make pages` writes it again.
A node whose inputs are all constant is evaluated while importing: arithmetic, comparisons,
reductions, shapes and selections; not convolutions and not text.

| ONNX operator | opsets | supported | kernels |
|---|---|---|---|
"""


def operator_page() -> str:
    """The text of `docs/operators.md`."""
    rows = [" | ".join(cell.replace("|", "\\|") for cell in dataclasses.astuple(row)) for row in ops().operators]
    return HEADER + "".join(f"| {row} |\n" for row in rows)


if __name__ == "__main__":
    sys.stdout.write(operator_page())
