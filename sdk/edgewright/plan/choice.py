"""Which kernel runs each node: the best price for the goal, with as few different kernels as that pays for."""

from __future__ import annotations

from collections.abc import Sequence

from edgewright.contracts import Contract
from edgewright.errors import UnsupportedError
from edgewright.ir import Graph, Node
from edgewright.kernels import AnyKernel, Goal, candidates
from edgewright.kernels.code_bytes import code_bytes
from edgewright.kernels.price import OPTIMIZE, PRICES, price


def choose_kernels(graph: Graph[Contract], isas: Sequence[str], goal: Goal) -> dict[Node[Contract], AnyKernel]:
    """A kernel for every node of an integer graph.

    Raises:
        UnsupportedError: nodes that no kernel can run, all of them.
    """
    options: dict[Node[Contract], list[AnyKernel]] = {}
    reasons = []
    for node in graph.nodes:
        options[node] = candidates(node.op, isas, goal)
        if not options[node]:
            reasons.append(f"'{node.name}': no kernel for {node.op.mnemonic}")
    if reasons:
        raise UnsupportedError(graph.name, reasons)
    chosen = {node: fitting[0] for node, fitting in options.items()}
    while _drop_one(chosen, options, isas, goal):
        pass
    return chosen


def _drop_one(
    chosen: dict[Node[Contract], AnyKernel],
    options: dict[Node[Contract], list[AnyKernel]],
    isas: Sequence[str],
    goal: Goal,
) -> bool:
    """Let other kernels in use take over the nodes of one kernel whose code costs more than they save."""
    users: dict[str, list[Node[Contract]]] = {}
    for node, kernel in chosen.items():
        users.setdefault(kernel.symbol, []).append(node)
    for symbol, nodes in sorted(users.items(), key=lambda item: (len(item[1]), item[0])):
        if not symbol:
            continue
        instead: dict[Node[Contract], AnyKernel] = {}
        extra = 0.0
        for node in nodes:
            rank = [k for k in options[node] if k.isa == chosen[node].isa and k.symbol != symbol and k.symbol in users]
            if not rank:
                break
            instead[node] = rank[0]
            extra += price(rank[0], node.op, goal) - price(chosen[node], node.op, goal)
        if len(instead) < len(nodes):
            continue
        kept = {source for node, kernel in chosen.items() if node not in instead for source in kernel.sources}
        kept |= {source for kernel in instead.values() for source in kernel.sources}
        freed = {source for node in nodes for source in chosen[node].sources} - kept
        if extra < code_bytes(freed, isas, OPTIMIZE[goal]) * PRICES[goal][0]:
            chosen.update(instead)
            return True
    return False
