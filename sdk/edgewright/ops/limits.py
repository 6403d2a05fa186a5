"""Limits of operators: a rule whose docstring is its text in errors and in `docs/operators.md`.

A limit reads one node and returns what it found wrong, or None:

    @limit
    @staticmethod
    def batch(node: OnnxNode) -> str | None:
        \"\"\"a batch of 1\"\"\"
        return None if node.input(0).shape[0] == 1 else f"batch {node.input(0).shape[0]}"

refuses a node with "batch 2; supported: a batch of 1" and prints "a batch of 1" in the table of operators.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edgewright.ops.onnx_node import OnnxNode, Unsupported

Check = Callable[[OnnxNode], str | None]


@dataclass(frozen=True)
class Limit:
    """One rule. only: the ONNX operators it holds for; all of the class when empty."""

    check: Check
    only: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """What is supported, as one phrase."""
        return " ".join(inspect.cleandoc(self.check.__doc__ or "").split())

    def applies_to(self, op_type: str) -> bool:
        """Whether the rule is about this ONNX operator."""
        return not self.only or op_type in self.only


def limit(check: Check) -> Limit:
    """A limit of every ONNX operator of the class."""
    return Limit(check)


def limit_of(*only: str) -> Callable[[Check], Limit]:
    """A limit of some of the ONNX operators of the class."""
    return lambda check: Limit(check, only)


def limits_of(operator: type) -> Iterator[Limit]:
    """The limits of a class, inherited ones first, each in order of definition."""
    for owner in reversed(operator.__mro__):
        yield from (member for member in vars(owner).values() if isinstance(member, Limit))


def check_limits(operator: type, node: OnnxNode) -> None:
    """Hold `node` against the limits of the class that would import it.

    Raises:
        Unsupported: it breaks one, with what was found and the rule.
    """
    for rule in limits_of(operator):
        if rule.applies_to(node.op_type):
            found = rule.check(node)
            if found is not None:
                raise Unsupported(f"{found}; supported: {rule.rule}")
