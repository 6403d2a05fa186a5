"""Which values share memory."""

import pytest

from edgewright.contracts import Contract
from edgewright.contracts.registry import records
from edgewright.ir import Graph, Node
from edgewright.ir.text import parse_graph
from edgewright.kernels import AnyKernel, candidates
from edgewright.plan.storage import Storage, assign_storage

ADD = "{a_mult=1, b_mult=1, offset=0, shift=1, out_shape=(8,), a_shape=(8,), b_shape=(8,)}"
POOL = "{is_max=True, outer=1, n=2, inner=4, out_shape=(4,)}"


def storages(*lines: str) -> list[Storage]:
    """The storages of a graph, given by the lines of its text form."""
    graph = parse_graph("graph 'g' {" + "\n".join(lines) + "}", records())
    return list(dict.fromkeys(assign_storage(graph, portable(graph)).values()))


def portable(graph: Graph[Contract]) -> dict[Node[Contract], AnyKernel]:
    return {node: candidates(node.op, ("c",))[0] for node in graph.nodes}


def described(found: list[Storage]) -> list[tuple[str, int, int, int]]:
    return [(" ".join(v.name for v in s.values), s.size, s.first, s.last) for s in found]


CASES = [
    (
        "inputs live from before the first step, outputs until behind the last one",
        ("input %x:i8[8]", f"%y:i8[4] = reduce_max_s8(%x) {POOL}", "output %y"),
        [("x", 8, -1, 0), ("y", 4, 0, 1)],
    ),
    (
        "a reshape is its input; their readers count together",
        (
            "input %x:i8[8]",
            "%r:i8[2,4] = reshape_s8(%x) {out_shape=(2, 4)}",
            f"%y:i8[4] = reduce_max_s8(%x) {POOL}",
            f"%z:i8[4] = reduce_max_s8(%r) {POOL}",
            "output %y",
            "output %z",
        ),
        [("x r", 8, -1, 2), ("y", 4, 1, 3), ("z", 4, 2, 3)],
    ),
    (
        "a sum takes over the operand that nobody reads again",
        ("input %a:i8[8]", "input %b:i8[8]", f"%y:i8[8] = add_s8(%a, %b) {ADD}", f"%z:i8[8] = add_s8(%y, %b) {ADD}",
         "output %z"),
        [("a y z", 8, -1, 2), ("b", 8, -1, 1)],
    ),
    (
        "an operand that is an output keeps its memory",
        ("input %a:i8[8]", "input %b:i8[8]", f"%y:i8[8] = add_s8(%a, %b) {ADD}", "output %y", "output %a", "output %b"),
        [("a", 8, -1, 1), ("b", 8, -1, 1), ("y", 8, 0, 1)],
    ),
    (
        "both operands are one value: it is read twice for each element",
        ("input %a:i8[8]", f"%y:i8[8] = add_s8(%a, %a) {ADD}", "output %y"),
        [("a", 8, -1, 0), ("y", 8, 0, 1)],
    ),
    (
        "one operand is the other one in another shape",
        (
            "input %a:i8[8]",
            "%r:i8[2,4] = reshape_s8(%a) {out_shape=(2, 4)}",
            f"%y:i8[8] = add_s8(%a, %r) {ADD}",
            "output %y",
        ),
        [("a r", 8, -1, 1), ("y", 8, 1, 2)],
    ),
    (
        "constants are not in the arena",
        ("input %a:i8[8]", "%c:i8[8] = const(1, 2, 3, 4, 5, 6, 7, 8)", f"%y:i8[8] = add_s8(%c, %a) {ADD}", "output %y"),
        [("a y", 8, -1, 1)],
    ),
    (
        "an input that nobody reads needs memory to be written to",
        ("input %a:i8[8]", "input %b:i8[16]", f"%y:i8[4] = reduce_max_s8(%a) {POOL}", "output %y"),
        [("a", 8, -1, 0), ("b", 16, -1, -1), ("y", 4, 0, 1)],
    ),
    (
        "four-byte indices take no single bytes over",
        ("input %a:i8[8]", "%y:i32[2] = arg_max_s8(%a) {is_max=True, select_last=False, outer=2, n=4, inner=1, "
         "out_shape=(2,)}", "output %y"),
        [("a", 8, -1, 0), ("y", 8, 0, 1)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("why", "lines", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_storages(why: str, lines: tuple[str, ...], wanted: list[tuple[str, int, int, int]]) -> None:
    assert described(storages(*lines)) == wanted
