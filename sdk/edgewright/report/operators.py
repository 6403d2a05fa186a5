"""The table of supported operators, from the operations themselves."""

from __future__ import annotations

from typing import Any

from edgewright.ops import importers
from edgewright.ops.limits import limits_of


def operator_table() -> list[dict[str, Any]]:
    """One row per ONNX operator: its name, the operation that imports it, and its limits."""
    return [
        {
            "operator": name,
            "operation": operation.__name__,
            "supported": "; ".join(rule.rule for rule in limits_of(operation) if rule.applies_to(name)),
        }
        for name, operation in importers().items()
    ]
