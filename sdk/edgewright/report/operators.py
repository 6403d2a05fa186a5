"""The table of supported operators, from the operations themselves: for `edgewright ops` and `docs/operators.md`."""

from __future__ import annotations

import sys

from edgewright.frontend.node_checks import BUILT_IN
from edgewright.frontend.quantized import OPERATORS
from edgewright.kernels import all_kernels
from edgewright.ops import importers
from edgewright.ops.base import OnnxOperator
from edgewright.ops.limits import limits_of

OLDEST_OPSET = 7
#: What the importer itself understands: operator -> (first opset, limits).
IMPORTER_LIMITS = {
    "Cast": (7, "to float, of int8 and uint8 too; of the result of ArgMax to integers, where it changes nothing"),
    "Dropout": (7, "inference"),
    "If": (7, "a constant condition"),
    "QuantizeLinear": (10, "constant positive scales, int8 and uint8; one scale for activations"),
    "DequantizeLinear": (10, "constant positive scales, int8 and uint8; one scale for activations"),
}
HEADER = """# Operators

Generated from the operations; `python -m edgewright.report.operators > docs/operators.md` writes it again.
Any node whose inputs are all constant is evaluated while importing, whatever its operator.

| ONNX operator | opsets | supported | kernels |
|---|---|---|---|
"""


def operator_table() -> list[dict[str, str]]:
    """One row per ONNX operator: its name, opsets, limits, and the kernels that run it."""
    rows = [_row(name, operator) for name, operator in importers().items()]
    for name in (*BUILT_IN, "QuantizeLinear", "DequantizeLinear"):
        since, rule = IMPORTER_LIMITS.get(name, (OLDEST_OPSET, ""))
        rows.append({"operator": name, "opsets": f"{since} and up", "supported": rule, "kernels": ""})
    for name, inner in OPERATORS.items():
        domain = "10 and up" if name in ("QLinearConv", "QLinearMatMul") else "com.microsoft 1"
        rule = f"as {inner}, with constant scales"
        rows.append({"operator": name, "opsets": domain, "supported": rule, "kernels": ""})
    return sorted(rows, key=lambda row: row["operator"])


def operator_page() -> str:
    """The text of `docs/operators.md`."""
    rows = [" | ".join(value.replace("|", "\\|") for value in row.values()) for row in operator_table()]
    return HEADER + "".join(f"| {row} |\n" for row in rows)


def _row(name: str, operator: type[OnnxOperator]) -> dict[str, str]:
    portable = [kernel for kernel in all_kernels() if kernel.isa == "c"]
    since, until = dict(operator.onnx_since).get(name, OLDEST_OPSET), dict(operator.onnx_until).get(name)
    return {
        "operator": name,
        "opsets": f"{since} and up" if until is None else f"{since} to {until}",
        "supported": "; ".join(rule.rule for rule in limits_of(operator) if rule.applies_to(name)),
        "kernels": ", ".join(k.symbol for c in operator.contracts for k in portable if k.contract is c and k.symbol),
    }


if __name__ == "__main__":
    sys.stdout.write(operator_page())
