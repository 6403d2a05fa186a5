"""How large a graph would be without some groups of channels, and how small it should become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgewright.compress.families import Family
from edgewright.compress.report import CHANNEL_BYTES, layer_costs
from edgewright.errors import UsageError
from edgewright.ops.conv import Conv
from edgewright.passes.channel_trace import ChannelTrace


class NoStepError(UsageError):
    """Less is asked for than the smallest step takes."""


class OutOfReachError(UsageError):
    """More is asked for than can go."""


@dataclass(frozen=True, eq=False)
class _Layer:
    """A layer's cost, in proportion to the output and input channels that stay; reads: None for a depthwise one."""

    macs: int
    weights: int
    channels: int
    writes: np.ndarray
    reads: np.ndarray | None


class Sizes:
    """Multiply-accumulates, bytes and channels of a traced graph for any choice of removed groups, bool [labels]."""

    def __init__(self, trace: ChannelTrace, found: Sequence[Family]) -> None:
        self._families = found
        self._cuttable = sum(family.channels * len(family.groups) for family in found)
        reads = {read.node: trace.roots(read.labels) for read in trace.reads}
        writes = {write.node: trace.roots(write.labels) for write in trace.writes}
        self._layers, self._fixed_macs = [], 0
        for node, cost in layer_costs(trace.graph).values():
            if node not in writes:
                self._fixed_macs += cost.macs
                continue
            depthwise = isinstance(node.op, Conv) and node.op.groups > 1 and node.operand(1).shape[1] == 1
            sources = None if depthwise else reads.get(node)
            self._layers.append(_Layer(cost.macs, cost.weights, cost.channels, writes[node], sources))

    def macs(self, removed: np.ndarray) -> float:
        """Multiply-accumulates of one inference."""
        return self._fixed_macs + sum(layer.macs * _share(layer, removed) for layer in self._layers)

    def bytes(self, removed: np.ndarray) -> float:
        """Bytes of the parameters as int8 code stores them: see `Cost.bytes`."""
        return float(
            sum(
                layer.weights * _share(layer, removed) + CHANNEL_BYTES * layer.channels * _kept(layer.writes, removed)
                for layer in self._layers
            )
        )

    def measure(self, removed: np.ndarray, unit: str) -> float:
        """Either of the two: unit is "macs" or "bytes"."""
        return self.bytes(removed) if unit == "bytes" else self.macs(removed)

    def removed_share(self, removed: np.ndarray) -> float:
        """The share that is gone of the channels that can be cut at all."""
        gone = sum(family.channels * int(removed[family.groups].sum()) for family in self._families)
        return gone / max(1, self._cuttable)


@dataclass(frozen=True)
class Amount:
    """How far to prune: kind "channels" (a share to remove, 0 to 1), "macs" or "bytes" (what may be left).

    Raises:
        UsageError: the value is out of range.
    """

    kind: str
    value: float

    def __post_init__(self) -> None:
        if self.kind == "channels" and not 0.0 < self.value < 1.0:
            raise UsageError(f"{self}: must be above 0 and below 1")
        if not self.value > 0.0:
            raise UsageError(f"{self}: must be greater than 0")

    def __str__(self) -> str:
        return f"--amount {self.value:g}" if self.kind == "channels" else f"--target-{self.kind} {self.value:,.0f}"

    @property
    def saves(self) -> str:
        """What a step of pruning should save most of: "macs" or "bytes"."""
        return "bytes" if self.kind == "bytes" else "macs"

    def reached(self, sizes: Sizes, removed: np.ndarray) -> bool:
        """Whether `removed` is enough."""
        if self.kind == "channels":
            return sizes.removed_share(removed) >= self.value - 1e-9
        return sizes.measure(removed, self.kind) <= self.value

    def unreachable(self, where: str, sizes: Sizes, removed: np.ndarray) -> OutOfReachError:
        """The error when `removed` is all that can go."""
        most = (
            f"at most {sizes.removed_share(removed):.3g} goes"
            if self.kind == "channels"
            else f"at least {sizes.measure(removed, self.kind):,.0f} are left"
        )
        return OutOfReachError(f"{where}: {self} is out of reach; every layer keeps some channels, so that {most}")


def _kept(roots: np.ndarray, removed: np.ndarray) -> float:
    return 1.0 - float(removed[roots].mean())


def _share(layer: _Layer, removed: np.ndarray) -> float:
    return _kept(layer.writes, removed) * (1.0 if layer.reads is None else _kept(layer.reads, removed))
