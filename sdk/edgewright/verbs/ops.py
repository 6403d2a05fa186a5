"""`ops`: the ONNX operators that are supported, with their limits, from the operations themselves."""

from __future__ import annotations

from dataclasses import dataclass

from edgewright.frontend.node_checks import BUILT_IN
from edgewright.frontend.quantized import OPERATORS
from edgewright.kernels import all_kernels
from edgewright.kernels.widened import WidenedKernel
from edgewright.ops import importers
from edgewright.ops.base import OnnxOperator
from edgewright.ops.limits import limits_of
from edgewright.verbs.record import Record

OLDEST_OPSET = 7
#: What the importer itself understands: operator -> (first opset, limits).
IMPORTER_LIMITS = {
    "Cast": (7, "to float, of int8 and uint8 too; of the result of ArgMax to integers, where it changes nothing"),
    "Dropout": (7, "inference"),
    "If": (7, "a constant condition"),
    "QuantizeLinear": (10, "constant positive scales, int8 and uint8; one scale for activations"),
    "DequantizeLinear": (10, "constant positive scales, int8 and uint8; one scale for activations"),
}


@dataclass(frozen=True)
class Operator:
    """An ONNX operator: its opsets and limits in words, and the portable kernels that run it."""

    operator: str
    opsets: str
    supported: str
    kernels: str


@dataclass(frozen=True)
class Operators(Record):
    """All of them by name."""

    operators: tuple[Operator, ...]


def ops() -> Operators:
    """All supported ONNX operators with their limits."""
    rows = [_row(name, operator) for name, operator in importers().items()]
    for name in (*BUILT_IN, "QuantizeLinear", "DequantizeLinear"):
        since, rule = IMPORTER_LIMITS.get(name, (OLDEST_OPSET, ""))
        rows.append(Operator(name, f"{since} and up", rule, ""))
    for name, inner in OPERATORS.items():
        domain = "10 and up" if name in ("QLinearConv", "QLinearMatMul") else "com.microsoft 1"
        rows.append(Operator(name, domain, f"as {inner}, with constant scales", ""))
    return Operators(tuple(sorted(rows, key=lambda row: row.operator)))


def _row(name: str, operator: type[OnnxOperator]) -> Operator:
    portable = [k for k in all_kernels() if k.isa == "c" and not isinstance(k, WidenedKernel)]
    since, until = dict(operator.onnx_since).get(name, OLDEST_OPSET), dict(operator.onnx_until).get(name)
    return Operator(
        operator=name,
        opsets=f"{since} and up" if until is None else f"{since} to {until}",
        supported="; ".join(rule.rule for rule in limits_of(operator) if rule.applies_to(name)),
        kernels=", ".join(k.symbol for c in operator.contracts for k in portable if k.contract is c and k.symbol),
    )
