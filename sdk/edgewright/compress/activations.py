"""What every value of a graph is on many samples at once, computed node by node."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op
from edgewright.ops.clip import Clip
from edgewright.ops.conv import Conv
from edgewright.ops.conv_transpose import ConvTranspose
from edgewright.ops.dense import Dense
from edgewright.ops.fused import FusedUnary
from edgewright.ops.pool import Pool
from edgewright.ops.unary import Unary

#: One array per graph input.
Sample = Sequence[np.ndarray]
#: Operations that take any number of samples as their batch.
BATCHED = (Conv, ConvTranspose, Pool, Dense, Unary, FusedUnary, Clip)
#: Elements that a batch may make of one value, taps included, so that it stays in the cache.
BATCH_ELEMENTS = 2**19
#: Bytes that the live activations of two graphs may take; fewer samples must do for larger models.
MEMORY_BYTES = 768 * 2**20


class Activations:
    """The live values of a graph: [samples, *shape] each. `step` takes the nodes in order; unread values are dropped.

    samples: as many as given, all kept at once; see `affordable`. dtype: float64 computes in double precision, except
    where an operation defines its result as float32.
    """

    def __init__(self, graph: Graph[Op], samples: Sequence[Sample], dtype: type = np.float32) -> None:
        self.graph = graph
        self.count = len(samples)
        self._dtype = dtype
        self._readers = {value: len(nodes) for value, nodes in graph.consumer_map().items()}
        self._known: dict[Value, np.ndarray] = {
            value: np.stack([np.asarray(sample[k], dtype=dtype).reshape(value.shape) for sample in samples])
            for k, value in enumerate(graph.inputs)
        }

    def __getitem__(self, value: Value) -> np.ndarray:
        """A live value, [samples, *shape]; a constant as it is."""
        return self._known[value] if value.data is None else value.data.astype(self._dtype, copy=False)

    def __contains__(self, value: Value) -> bool:
        """Whether `value` is computed and still read."""
        return value in self._known

    def share(self, value: Value, twin: Activations, like: Value) -> None:
        """Let `value` be the very array that `like` is in `twin`, so that what follows can be seen to be the same."""
        self._known[value] = twin[like]

    def step(self, node: Node[Op], results: list[np.ndarray] | None = None) -> None:
        """Compute the outputs of `node`, unless they are given."""
        found = self._compute(node) if results is None else results
        self._known.update(zip(node.outputs, found, strict=True))
        for value in dict.fromkeys(v for v in node.inputs if v is not None and v.data is None):
            self._readers[value] -= 1
            if not self._readers[value] and not self.graph.is_output(value):
                del self._known[value]

    def outputs(self) -> list[np.ndarray]:
        """The graph's outputs once all nodes are done, [samples, *shape] each."""
        return [self[value] for value in self.graph.outputs]

    def reads_the_same(self, node: Node[Op], twin: Activations, like: Node[Op]) -> bool:
        """Whether `node` has the shapes and reads the very arrays that node `like` has and reads in `twin`."""
        if [v.shape for v in node.outputs] != [v.shape for v in like.outputs]:
            return False
        pairs = zip(node.inputs, like.inputs, strict=False)
        return len(node.inputs) == len(like.inputs) and all(
            own is other if own is None or other is None else self._array(own) is twin._array(other)
            for own, other in pairs
        )

    def _array(self, value: Value) -> np.ndarray:
        return self._known[value] if value.data is None else value.data

    def _compute(self, node: Node[Op]) -> list[np.ndarray]:
        inputs = [None if v is None else self[v] for v in node.inputs]
        live = [v is not None and v.data is None for v in node.inputs]
        if isinstance(node.op, BATCHED) and node.operand(0).shape[:1] == (1,):
            return self._in_batches(node, inputs)
        rows = [
            node.op.evaluate(*(x[i] if alive and x is not None else x for x, alive in zip(inputs, live, strict=True)))
            for i in range(self.count)
        ]
        return [np.stack(column) for column in zip(*rows, strict=True)][: len(node.outputs)]

    def _in_batches(self, node: Node[Op], inputs: list[np.ndarray | None]) -> list[np.ndarray]:
        x = inputs[0]
        assert x is not None
        size = batch_size(node)
        parts = [
            node.op.evaluate(x[i : i + size].reshape(-1, *x.shape[2:]), *inputs[1:])[0]
            for i in range(0, self.count, size)
        ]
        return [np.concatenate(parts).reshape(self.count, *node.output.shape)]


def batch_size(node: Node[Op]) -> int:
    """How many samples go through a node at once."""
    taps = node.op.window.kernel if isinstance(node.op, Conv | ConvTranspose | Pool) else (1, 1)
    return max(1, BATCH_ELEMENTS // max(1, node.output.size, node.operand(0).size * taps[0] * taps[1]))


def run_all(graph: Graph[Op], samples: Sequence[Sample], dtype: type = np.float32) -> list[np.ndarray]:
    """The outputs of a graph on all samples, [samples, *shape] each."""
    values = Activations(graph, samples, dtype)
    for node in graph.nodes:
        values.step(node)
    return values.outputs()


def affordable(graph: Graph[Op], copies: int = 2) -> int:
    """How many samples of `copies` such graphs fit MEMORY_BYTES at once; at least 2."""
    last: dict[Value, int] = {}
    for index, node in enumerate(graph.nodes):
        last.update({v: index for v in (*node.inputs, *node.outputs) if v is not None and v.data is None})
    live, peak = sum(value.size for value in graph.inputs), 1
    ends: dict[int, list[Value]] = {}
    for value, index in last.items():
        ends.setdefault(index, []).append(value)
    for index, node in enumerate(graph.nodes):
        live += sum(value.size for value in node.outputs)
        peak = max(peak, live)
        live -= sum(value.size for value in ends.get(index, ()) if not graph.is_output(value))
    return max(2, MEMORY_BYTES // (copies * 4 * peak))
