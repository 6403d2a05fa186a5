"""What operators say about themselves: the table in docs, opsets, and the integer operations they become."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from edgewright.ir import Value
from edgewright.ops import importers
from edgewright.ops.conv import Conv
from edgewright.ops.limits import Limit, check_limits, limit, limit_of, limits_of
from edgewright.ops.onnx_node import OnnxNode, Unsupported
from edgewright.report.operators import operator_page
from edgewright.verbs.ops import OLDEST_OPSET, ops
from tests.harness.op_cases import lowered, op_cases

PAGE = Path(__file__).parents[2] / "docs" / "operators.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == operator_page(), "write it: make pages"


def test_the_command_that_the_page_names() -> None:
    command = [sys.executable, "-m", "edgewright.report.operators"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == operator_page()


@pytest.mark.parametrize("name", importers())
def test_opsets_are_those_of_onnx(name: str) -> None:
    versions = [s for s in onnx.defs.get_all_schemas_with_history() if s.name == name and s.domain == ""]
    first = max(OLDEST_OPSET, min(s.since_version for s in versions))
    if name == "GroupNormalization":
        first = 21  # before, the scale was one number per group
    gone = [s.since_version - 1 for s in versions if s.deprecated and s is max(versions, key=lambda v: v.since_version)]
    row = next(row for row in ops().operators if row.operator == name)
    assert row.opsets == (f"{first} to {gone[0]}" if gone else f"{first} and up")


def test_every_rule_has_a_text() -> None:
    assert [name for name, operator in importers().items() for rule in limits_of(operator) if not rule.rule] == []


def test_cases_become_what_the_operator_says() -> None:
    """Cases of one node only; a change of scale or of shape may stand beside it."""
    always = {"LutS8", "ReshapeS8", "CopyS8"}
    wrong = {}
    for case in op_cases():
        declared = {contract.__name__ for contract in importers()[case.operator].contracts}
        if len(case.model.graph.node) == 1 and declared:
            found = {type(node.op).__name__ for node in lowered(case).integer.nodes}
            wrong[case.name] = found - declared - always
    assert {name: found for name, found in wrong.items() if found} == {}


def conv_node(x: tuple[int, ...], w: tuple[int, ...], **attributes: object) -> OnnxNode:
    weights = np.zeros(w, dtype=np.float32)
    return OnnxNode("Conv", 13, attributes, [Value("x", x), Value("w", w, data=weights)], ["y"])


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (conv_node((2, 3, 5, 5), (4, 3, 1, 1)), "batch 2; supported: a batch of 1"),
        (conv_node((1, 3, 5, 5, 5), (4, 3, 1, 1, 1)), "3 spatial dimensions; supported: 1 or 2 spatial dimensions"),
        (
            conv_node((1, 3, 5, 5), (4, 2, 1, 1)),
            "input [1, 3, 5, 5] with weights [4, 2, 1, 1] and 1 groups; supported: ",
        ),
        (conv_node((1, 3, 5, 5), (4, 3, 7, 1)), "a window over [7, 1] positions"),
        (conv_node((1, 3, 5, 5), (4, 3, 1, 1), strides=[300, 1]), "strides [300, 1], dilations [1, 1]; supported: "),
    ],
)
def test_limits_of_conv(node: OnnxNode, message: str) -> None:
    with pytest.raises(Unsupported) as caught:
        check_limits(Conv, node)
    assert str(caught.value).startswith(message)


def test_a_limit_of_one_operator_leaves_the_others_alone() -> None:
    class Both:
        @limit
        @staticmethod
        def never(node: OnnxNode) -> str | None:
            """what both
            support"""
            return None

        @limit_of("B")
        @staticmethod
        def refuses(node: OnnxNode) -> str | None:
            """nothing"""
            return node.op_type

    assert [rule.rule for rule in limits_of(Both)] == ["what both support", "nothing"]
    assert all(isinstance(rule, Limit) for rule in limits_of(Both))
    check_limits(Both, OnnxNode("A", 13, {}, [], ["y"]))
    with pytest.raises(Unsupported, match="B; supported: nothing"):
        check_limits(Both, OnnxNode("B", 13, {}, [], ["y"]))
