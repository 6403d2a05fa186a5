"""Importance of channels from data: how far the outputs move when a channel is switched off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from edgewright.compress.activations import Sample
from edgewright.compress.families import Family
from edgewright.compress.masks import Session, without_softmax
from edgewright.compress.report import layer_costs
from edgewright.ir import Graph, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.mul import Mul
from edgewright.passes.channel_rules import trace_channels
from edgewright.passes.channel_trace import BLOCKED

#: More samples than MOST_SAMPLES change the ranking little and cost as much again; multiply-accumulates in all beyond
#: WORK take minutes, and fewer samples must do.
LEAST_SAMPLES, MOST_SAMPLES, WORK = 2, 8, 2.5e11


@dataclass(frozen=True, eq=False)
class Gate:
    """An input of the gated graph that multiplies what a layer reads; roots: of its channels, [channels]."""

    value: Value
    roots: np.ndarray

    def open_but(self, root: int | None) -> np.ndarray:
        """The gate with the channels of one group closed."""
        return np.where(self.roots == root, np.float32(0), np.float32(1)).reshape(self.value.shape)


def gate_scores(graph: Graph[Op], found: Sequence[Family], samples: Sequence[Sample], size: int) -> np.ndarray:
    """Importance per root [labels]: the mean squared change of the outputs when a group's gates close.

    Every layer reads its input through a gate g of one factor per channel. Taylor's first order says that closing it
    changes the outputs y by -dy/dg; without gradients the change is measured, which is the same for what is linear
    behind the gate and better for the rest. Squared changes are relative to the mean square of each output, before a
    final softmax, which hides what the network is sure of.
    Source: P. Molchanov et al., "Importance Estimation for Neural Network Pruning", CVPR 2019, with the squared
    output as loss.

    samples: the first 2 to 8 are used, by the size of the model. size: number of labels.
    """
    gated, gates = gated_graph(graph)
    session = Session(gated)
    runs = sum(len(family.groups) for family in found)
    affordable = int(WORK / max(1, runs * sum(cost.macs for _, cost in layer_costs(graph).values())))
    used = list(islice(samples, min(max(affordable, LEAST_SAMPLES), MOST_SAMPLES)))
    before = [session.run([*sample, *(gate.open_but(None) for gate in gates)]) for sample in used]
    power = [float(np.mean([np.square(y[i]).mean() for y in before])) or 1.0 for i in range(len(gated.outputs))]
    scores = np.zeros(size)
    for root in (int(root) for family in found for root in family.groups):
        closed = [gate.open_but(root) for gate in gates]
        for sample, reference in zip(used, before, strict=True):
            after = session.run([*sample, *closed])
            changes = [np.square(a - b).mean() / p for a, b, p in zip(after, reference, power, strict=True)]
            scores[root] += sum(map(float, changes)) / len(used)
    return scores


def gated_graph(graph: Graph[Op]) -> tuple[Graph[Op], list[Gate]]:
    """A copy without final softmaxes whose layers read through gates; the gates are inputs behind its own."""
    copy = without_softmax(graph)
    trace = trace_channels(copy)
    build = Builder(copy)
    gates: list[Gate] = []
    gated: dict[tuple[Value, int], Value] = {}
    for read in trace.reads:
        x, roots = read.node.operand(0), trace.roots(read.labels)
        if (roots == BLOCKED).all():
            continue
        if (x, read.axis) not in gated:
            shape = [1] * len(x.shape)
            shape[read.axis] = len(roots)
            gates.append(Gate(Value(build.name(f"{x.name}/gate"), tuple(shape)), roots))
            gated[x, read.axis] = build.value(Mul(), [x, gates[-1].value], f"{x.name}/gated")
            copy.insert_before(read.node, build.nodes)
            build.nodes = []
        read.node.inputs[0] = gated[x, read.axis]
    copy.inputs += [gate.value for gate in gates]
    return copy, gates
