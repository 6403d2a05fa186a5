"""Which nodes run on several threads, and the kernel of such a node: the same body once per share.

for each node that is worth it:
    divide its contract into shares that its kernel takes, the slowest of which is the fastest
    give every share scratch memory of its own, and forbid the output to overlap the input
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from edgewright.contracts import Contract
from edgewright.contracts.movement import StackRowsS8
from edgewright.ir import Graph, Node
from edgewright.kernels import AnyKernel, Kernel, KernelCall
from edgewright.plan.shares import Share, divisions

#: The most threads that can be asked for; the twin of `EW_THREADS_MAX`.
MOST_THREADS = 16
#: Estimated instructions that a share is worth at least: some microseconds, as long as it takes to wake a thread.
SHARE_COST = 10_000.0
#: Instructions per element, at least, of bodies without multiply-accumulates that give no figure.
ELEMENT_COST = 4.0
#: Scratch memory of different threads is this far apart: no cache line is written by two of them for long.
SCRATCH_ALIGN = 64


class SplitKernel(Kernel[Contract]):
    """A kernel that runs a contract in shares. scratch_offsets: of each share in the scratch memory of all."""

    def __init__(self, kernel: AnyKernel, shares: list[Share]) -> None:
        self.kernel = kernel
        self.shares = shares
        self.scratch_offsets: list[int] = []
        self._scratch_bytes = 0
        for share in shares:
            self.scratch_offsets.append(self._scratch_bytes)
            self._scratch_bytes += -(-kernel.scratch_bytes(share.contract) // SCRATCH_ALIGN) * SCRATCH_ALIGN

    def calls(self, contract: Contract) -> list[KernelCall]:
        return [call for share in self.shares for call in self.kernel.calls(share.contract)]

    def scratch_bytes(self, contract: Contract) -> int:
        return self._scratch_bytes

    def in_place(self, contract: Contract) -> tuple[int, ...]:
        """Where every share may write over exactly what it alone has read."""
        return tuple(
            index
            for index in self.kernel.in_place(contract)
            if all(index in self.kernel.in_place(s.contract) and s.x[index] == s.y for s in self.shares)
        )

    def overlap_bytes(self, contract: Contract) -> int | None:
        """Never: the shares do not run in order."""
        return None


def split_kernels(
    graph: Graph[Contract], kernels: Mapping[Node[Contract], AnyKernel], threads: int
) -> dict[Node[Contract], AnyKernel]:
    """`kernels`, with a `SplitKernel` for each node that is worth running on up to `threads` threads."""
    placed = {id(v) for node in graph.nodes if isinstance(node.op, StackRowsS8) for v in node.inputs[:-1]}
    split: dict[Node[Contract], AnyKernel] = {}
    for node, kernel in kernels.items():
        # A strip is written where rows were that its own node may still read: in order only.
        shares = [] if id(node.output) in placed else best_shares(node, kernel, threads)
        split[node] = _split(kernel, shares) if len(shares) > 1 else kernel
    return split


def best_shares(node: Node[Contract], kernel: AnyKernel, threads: int) -> list[Share]:
    """The shares of a node whose slowest is the fastest; none when it is not worth two."""
    count = min(threads, int(_cost(kernel, node.op, _elements(node)) / SHARE_COST))
    if count < 2 or not kernel.symbol:
        return []
    ways = [
        shares
        for shares in divisions(node.op, count)
        if len(shares) > 1 and all(kernel.refusal(share.contract) is None for share in shares)
    ]
    return min(ways, key=lambda shares: max(_cost(kernel, s.contract, s.y.size) for s in shares), default=[])


def _elements(node: Node[Contract]) -> int:
    return max(math.prod(v.shape) for v in (*node.inputs, node.output) if v is not None)


def _cost(kernel: AnyKernel, contract: Contract, elements: int) -> float:
    return kernel.cost(contract) or ELEMENT_COST * elements


def _split(inner: AnyKernel, shares: list[Share]) -> SplitKernel:
    class Split(SplitKernel):
        contract = inner.contract
        symbol = inner.symbol
        isa = inner.isa
        sources = inner.sources

    return Split(inner, shares)
