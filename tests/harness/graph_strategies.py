"""Small random float graphs for the property tests of passes, text form, storage and planner."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable

import numpy as np
from hypothesis import given, note, settings
from hypothesis import strategies as st

from edgewright import ops
from edgewright.contracts import Contract
from edgewright.ir import AnyGraph, Graph, Value
from edgewright.ir.builder import Builder
from edgewright.ir.text import print_graph
from edgewright.ops.activation import Clamp
from edgewright.ops.add import Add
from edgewright.ops.base import Op
from edgewright.ops.clip import Clip
from edgewright.ops.concat import Concat
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.ops.mul import Mul
from edgewright.ops.pool import AveragePool, MaxPool
from edgewright.ops.reduce import Reduce
from edgewright.ops.reshape import Reshape
from edgewright.ops.softmax import Softmax
from edgewright.ops.transpose import Transpose
from edgewright.ops.unary import Unary
from edgewright.ops.window import Window
from edgewright.passes import LAYOUT, SIMPLIFY, run_passes
from edgewright.quantize import annotate, lower_graph, observe, run_float

#: What the passes before calibration do to every graph.
FOLDING = SIMPLIFY
#: Appends one operation on `x`, drawing from `rng`; None where the operation does not fit the shape.
Step = Callable[[np.random.Generator, Builder, Value, list[Value]], Value | None]


def op_records() -> dict[str, type]:
    """Class name -> class of every operation and of every record that operations hold."""
    found: dict[str, type] = {}
    for info in pkgutil.iter_modules(ops.__path__, "edgewright.ops."):
        for name, member in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if dataclasses.is_dataclass(member) and member.__module__ == info.name:
                found[name] = member
    return found


def normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype(np.float32)


def _conv(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    if len(x.shape) != 4 or x.shape[0] != 1:
        return None
    side, groups = int(rng.choice([1, 3])), int(rng.choice([1, x.shape[1]]))
    pad = side // 2
    window = Window((side, side), (int(rng.choice([1, 2])),) * 2, (1, 1), (pad, pad, pad, pad))
    out_c = groups * int(rng.integers(1, 3)) if groups > 1 else int(rng.integers(1, 5))
    weights = normal(rng, out_c, x.shape[1] // groups, side, side) / np.float32(side)
    bias = build.const(normal(rng, out_c)) if rng.random() < 0.5 else None
    return build.value(Conv(window, groups), [x, build.const(weights), bias])


def _dense(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    weights = build.const(normal(rng, int(rng.integers(1, 5)), x.shape[-1]) / np.float32(np.sqrt(x.shape[-1])))
    return build.value(Dense(), [x, weights])


def _pool(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    if len(x.shape) != 4 or min(x.shape[2:]) < 2 or x.shape[0] != 1:
        return None
    kind = MaxPool if rng.random() < 0.5 else AveragePool
    return build.value(kind(Window((2, 2), (int(rng.choice([1, 2])),) * 2)), [x])


def _affine(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    """Mul, Add or Sub by a scalar or by one value per channel, on either side."""
    axis = 1 if len(x.shape) > 1 else 0
    per_channel = tuple(n if a == axis else 1 for a, n in enumerate(x.shape))
    constant = build.const(normal(rng, *(per_channel if rng.random() < 0.7 and x.shape[axis] > 1 else ())))
    op: Op = [Mul(), Add(), Add(sign=-1)][rng.integers(3)]
    return build.value(op, [x, constant] if rng.random() < 0.7 else [constant, x])


def _clip(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    return build.value(Clip([Clamp(0.0), Clamp(0.0, 1.5), Clamp(-1.0, 0.75)][rng.integers(3)]), [x])


def _unary(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    return build.value(Unary(str(rng.choice(["Tanh", "Sigmoid", "HardSwish", "Abs"]))), [x])


def _pair(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    """The sum, difference, product or concatenation of two activations of one shape."""
    other = [v for v in live if v.shape == x.shape]
    ops: list[Op] = [Add(), Add(sign=-1), Mul(), Concat(len(x.shape) - 1)]
    return build.value(ops[rng.integers(4)], [x, other[rng.integers(len(other))]])


def _transpose(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    return build.value(Transpose(tuple(int(a) for a in rng.permutation(len(x.shape)))), [x])


def _reshape(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    shapes = [(1, x.size), (1, x.shape[-1], x.size // x.shape[-1], 1), (*x.shape, 1)[-4:], (1, 1, x.size)]
    shapes = [shape for shape in shapes if int(np.prod(shape)) == x.size]
    return build.value(Reshape(shapes[rng.integers(len(shapes))]), [x])


def _reduce(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    return build.value(Reduce(str(rng.choice(["mean", "max"])), (len(x.shape) - 1,)), [x])


def _softmax(rng: np.random.Generator, build: Builder, x: Value, live: list[Value]) -> Value | None:
    return build.value(Softmax(len(x.shape) - 1), [x])


STEPS: dict[str, Step] = {
    "conv": _conv, "dense": _dense, "pool": _pool, "affine": _affine, "clip": _clip, "unary": _unary, "pair": _pair,
    "transpose": _transpose, "reshape": _reshape, "reduce": _reduce, "softmax": _softmax,
}  # fmt: skip


def build_graph(kinds: list[str], seed: int) -> Graph[Op]:
    """A graph of these steps, each on a recent value; the last value leaves it, and sometimes another one."""
    rng = np.random.default_rng(seed)
    graph = Graph[Op]("random", [Value("x", (1, *(int(n) for n in rng.integers(2, 6, 3))))])
    build = Builder(graph, "v", {"x"})
    live = list(graph.inputs)
    for kind in kinds:
        x = live[-1] if rng.random() < 0.7 else live[rng.integers(len(live))]
        made = STEPS[kind](rng, build, x, live)
        if made is not None:
            live.append(made)
    if len(live) == 1:
        live.append(build.value(Unary("Tanh"), live))
    graph.nodes = build.nodes
    graph.outputs = [live[-1]]
    if len(live) > 2 and rng.random() < 0.3:
        graph.outputs.append(live[rng.integers(1, len(live) - 1)])
    graph.prune()
    for number, node in enumerate(graph.nodes):
        node.name = f"n{number}"
    return graph


@st.composite
def float_graphs(draw: st.DrawFn, most: int = 8) -> Graph[Op]:
    """Graphs of up to `most` operations in ONNX semantics."""
    kinds = draw(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=most))
    graph = build_graph(kinds, draw(st.integers(0, 2**16)))
    note(print_graph(graph))
    return graph


@st.composite
def integer_graphs(draw: st.DrawFn, most: int = 8) -> Graph[Contract]:
    """The integer graphs of random float graphs, calibrated on three samples."""
    return quantized(draw(float_graphs(most)))


def quantized(graph: Graph[Op], samples: int = 3) -> Graph[Contract]:
    """The integer graph of a float graph, which is changed on the way."""
    run_passes(graph, FOLDING)
    annotate(graph, observe(graph, [inputs_of(graph, seed) for seed in range(samples)]))
    run_passes(graph, LAYOUT)
    return lower_graph(graph)


def inputs_of(graph: AnyGraph, seed: int = 0) -> list[np.ndarray]:
    """Standard normal inputs in the shapes of the graph."""
    rng = np.random.default_rng(seed)
    return [normal(rng, *value.shape) for value in graph.inputs]


@settings(max_examples=50, deadline=None)
@given(float_graphs())
def test_random_graphs_are_valid_and_stay_small(graph: Graph[Op]) -> None:
    graph.verify()
    outputs = run_float(graph, inputs_of(graph))
    assert [y.shape for y in outputs] == [v.shape for v in graph.outputs]
    assert all(np.isfinite(y).all() and np.abs(y).max() < 1e5 for y in outputs)


def test_random_graphs_hold_every_operation() -> None:
    made = {
        type(node.op).__name__
        for seed in range(60)
        for node in build_graph(list(np.random.default_rng(seed).permutation(sorted(STEPS))), seed).nodes
    }
    wanted = {"Conv", "Dense", "MaxPool", "AveragePool", "Mul", "Add", "Clip", "Unary", "Concat", "Transpose"}
    assert wanted | {"Reshape", "Reduce", "Softmax"} <= made
