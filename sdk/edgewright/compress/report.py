"""What a compression saved, per layer and in all."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op
from edgewright.ops.macs import node_macs
from edgewright.passes.channel_rules import trace_channels

#: What int8 code stores for each output channel of a linear layer: a bias and a multiplier, 4 bytes each.
CHANNEL_BYTES = 8


@dataclass(frozen=True)
class Cost:
    """What a layer or a model holds. channels: output channels of its linear layers; zero_weights: of `weights`."""

    channels: int = 0
    parameters: int = 0
    macs: int = 0
    weights: int = 0
    zero_weights: int = 0

    @property
    def bytes(self) -> int:
        """Of the parameters in int8 code: a byte each, and CHANNEL_BYTES for a channel of a linear layer."""
        return self.weights + CHANNEL_BYTES * self.channels if self.weights else self.parameters

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def document(self, suffix: str) -> dict[str, int]:
        """The numbers by name and suffix."""
        names = [*(f.name for f in fields(self)), "bytes"]
        return {f"{name}_{suffix}": getattr(self, name) for name in names}


@dataclass(frozen=True)
class LayerReport:
    """A linear layer before and after."""

    name: str
    op: str
    before: Cost
    after: Cost


@dataclass(frozen=True)
class PruneReport:
    """What was asked and what came of it.

    amount: as it was asked for. achieved: the share of channels that can be cut at all (of weights, for magnitude) that
    went. dead_channels: dropped before, because they were dead; not part of either. cut_difference: of the outputs of
    the cut graph to those of the graph with the same channels masked, relative to their range: that the cut is exact,
    not that the model is still good. refitted_layers: whose weights were fitted again after the cut.
    """

    method: str
    amount: str
    achieved: float
    round_to: int
    dead_channels: int
    cut_difference: float
    refitted_layers: int
    layers: tuple[LayerReport, ...]

    @property
    def before(self) -> Cost:
        """Totals of the model as it came."""
        return sum((layer.before for layer in self.layers), Cost())

    @property
    def after(self) -> Cost:
        """Totals of the model that came of it."""
        return sum((layer.after for layer in self.layers), Cost())

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers: what `--json` prints."""
        return {
            **{f.name: getattr(self, f.name) for f in fields(self) if f.name != "layers"},
            "layers": [
                {"name": v.name, "op": v.op, **v.before.document("before"), **v.after.document("after")}
                for v in self.layers
            ],
            "totals": {**self.before.document("before"), **self.after.document("after")},
        }


def layer_costs(graph: Graph[Op]) -> dict[str, tuple[Node[Op], Cost]]:
    """Name of the output -> node and cost, for every node with parameters or multiply-accumulates."""
    written = {write.node: len(write.labels) for write in trace_channels(graph).writes}
    found = {}
    for node in graph.nodes:
        constants = [v for v in node.inputs if v is not None and v.is_const]
        macs = node_macs(node)
        cost = Cost(
            written.get(node, 0), sum(v.size for v in constants), macs, *_weights(node, written.keys(), constants)
        )
        if cost.parameters or cost.macs:
            found[node.outputs[0].name] = node, cost
    return found


def compare(
    before: dict[str, tuple[Node[Op], Cost]], after: dict[str, tuple[Node[Op], Cost]]
) -> tuple[LayerReport, ...]:
    """The layers of a model before and after; one that is gone costs nothing any more."""
    gone = Cost()
    return tuple(
        LayerReport(node.name or name, node.op.mnemonic, cost, after[name][1] if name in after else gone)
        for name, (node, cost) in before.items()
    )


def _weights(node: Node[Op], linear: Any, constants: list[Value]) -> tuple[int, int]:
    """Weights of a linear layer and how many of them are zero; its bias does not count."""
    data = node.operand(1).data if node in linear else None
    return (0, 0) if data is None else (data.size, int(data.size - np.count_nonzero(data)))
