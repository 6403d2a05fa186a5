"""Limits on what a model's file may ask for, held before any library expands, infers or evaluates it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NoReturn, TypeAlias

import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from edgewright.errors import ModelFileError, UnsupportedError
from edgewright.frontend.names import one_line
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.ops.macs import total_macs
from edgewright.ops.registry import MAX_ELEMENTS

#: Nodes as written, those of subgraphs and functions with them, and again once functions are inlined.
MAX_NODES = 20_000
#: Names that all nodes read and define together.
MAX_OPERANDS = 2**18
#: Functions that call functions: the longest way down.
MAX_FUNCTION_DEPTH = 16
#: Subgraphs in subgraphs. Protobuf's own limit, 100 messages of which a subgraph is three, is met at the same depth.
MAX_NESTING = 32
#: Axes of an input or a constant, and elements along one of them.
MAX_RANK = 6
MAX_DIMENSION = 2**20
#: All constants together, unpacked.
MAX_CONSTANT_BYTES = 512 * 2**20
MAX_NAME_LENGTH = 4_096
#: Multiply-accumulates and elements of one inference: far more than a Raspberry Pi does in ten seconds.
MAX_WORK = 2 * 10**11

#: What a node calls: domain, name, overload.
Callee: TypeAlias = tuple[str, str, str]


def check_limits(where: str, proto: ModelProto, folder: Path = Path()) -> None:
    """Returns where `proto` keeps every limit of this module.

    where: how the message begins. folder: where its external data lies.

    Raises:
        ModelFileError: a limit is broken, a function calls itself, an initializer, a node's output, an attribute or
            an opset is there twice, or an opset does not exist.
    """
    _Check(where, folder).model(proto)


def check_work(where: str, graph: Graph[Op]) -> None:
    """Returns where an inference takes at most MAX_WORK.

    Raises:
        UnsupportedError: it takes more.
    """
    macs, elements = total_macs(graph), sum(out.size for node in graph.nodes for out in node.outputs)
    if macs + elements > MAX_WORK:
        most = f"supported: at most {MAX_WORK:,} together"
        raise UnsupportedError(where, [f"{macs:,} multiply-accumulates, {elements:,} elements; {most}"])


class _Check:
    def __init__(self, where: str, folder: Path) -> None:
        self.where = where
        self.folder = folder
        self.nodes = 0
        self.operands = 0
        self.constant_bytes = 0

    def refuse(self, what: str) -> NoReturn:
        raise ModelFileError(one_line(f"{self.where}: {what}"))

    def model(self, proto: ModelProto) -> None:
        self.opsets(proto)
        calls = self.graph(proto.graph, 0)
        bodies: dict[Callee, Counter[Callee]] = {}
        for function in proto.functions:
            callee = _callee(function.domain, function.name, function)
            if callee in bodies:
                self.refuse(f"function '{function.name[:80]}' is defined twice")
            self.names("function", [function.name, function.domain, *function.input, *function.output])
            bodies[callee] = self.body(function.node, function.input, 0)
        self.expansion(calls, bodies)

    def opsets(self, proto: ModelProto) -> None:
        newest = onnx.defs.onnx_opset_version()
        domains = ["" if opset.domain == "ai.onnx" else opset.domain for opset in proto.opset_import]
        for domain, opset in zip(domains, proto.opset_import, strict=True):
            if domains.count(domain) > 1:
                self.refuse(f"opset of domain '{domain[:80]}' is given twice")
            if domain == "" and opset.version > newest:
                self.refuse(f"opset {opset.version} does not exist; supported: up to {newest}")

    def expansion(self, calls: Counter[Callee], bodies: dict[Callee, Counter[Callee]]) -> None:
        """Refuse functions that would become too many nodes, by counting and not by expanding them."""
        try:
            order = list(TopologicalSorter({f: [c for c in body if c in bodies] for f, body in bodies.items()})
                         .static_order())  # fmt: skip
        except CycleError as error:
            loop = " > ".join(name for _, name, _ in error.args[1][:4])
            self.refuse(f"a function calls itself: {loop[:200]}; supported: no recursion")
        sizes: dict[Callee, int] = {}
        depths: dict[Callee, int] = {}
        for function in order:
            depths[function] = 1 + max((depths[c] for c in bodies[function] if c in bodies), default=0)
            if depths[function] > MAX_FUNCTION_DEPTH:
                self.refuse(f"functions call functions more than {MAX_FUNCTION_DEPTH} deep, at '{function[1][:80]}'")
            sizes[function] = _expanded(bodies[function], sizes)
        if (total := _expanded(calls, sizes)) > MAX_NODES:
            shown = f"{total:,}" if total < 10**12 else "more than 10^12"
            self.refuse(f"{shown} nodes with its functions inlined; supported: at most {MAX_NODES:,}")

    def graph(self, graph: GraphProto, depth: int) -> Counter[Callee]:
        """Check a graph with all that is in it; how often it calls what."""
        if depth > MAX_NESTING:
            self.refuse(f"subgraphs are nested deeper than {MAX_NESTING}")
        self.twice("input", (info.name for info in graph.input))
        self.twice("initializer", (tensor.name for tensor in graph.initializer))
        self.names("graph", [graph.name])
        for info in (*graph.input, *graph.output):
            self.names("value", [info.name])
        for info in graph.input:
            self.declared(info)
        for tensor in graph.initializer:
            self.names("initializer", [tensor.name])
            self.tensor(tensor, tensor.name)
        named = [info.name for info in graph.input] + [tensor.name for tensor in graph.initializer]
        return self.body(graph.node, named, depth)

    def body(self, nodes: Iterable[NodeProto], given: Iterable[str], depth: int) -> Counter[Callee]:
        """Check nodes that stand behind the names `given`; how often they call what."""
        calls: Counter[Callee] = Counter()
        defined = set(given)
        for node in nodes:
            self.nodes += 1
            self.operands += len(node.input) + len(node.output)
            if self.nodes > MAX_NODES or self.operands > MAX_OPERANDS:
                most = f"{MAX_NODES:,} nodes that name at most {MAX_OPERANDS:,} values"
                self.refuse(f"more nodes or more operands than are read; supported: {most}")
            self.names("node", [node.name, node.op_type, node.domain, *node.input, *node.output])
            for name in filter(None, node.output):
                if name in defined:
                    self.refuse(f"'{name[:80]}' is defined twice, the second time by {node.op_type[:80]}")
                defined.add(name)
            calls[_callee(node.domain, node.op_type, node)] += 1
            calls += self.attributes(node, depth)
        return calls

    def attributes(self, node: NodeProto, depth: int) -> Counter[Callee]:
        calls: Counter[Callee] = Counter()
        self.twice(f"attribute of '{(node.name or node.op_type)[:80]}'", (a.name for a in node.attribute))
        for attribute in node.attribute:
            self.names("attribute", [attribute.name])
            for tensor in (attribute.t, *attribute.tensors) if attribute.HasField("t") else attribute.tensors:
                self.tensor(tensor, node.name or node.op_type)
            for graph in (attribute.g, *attribute.graphs) if attribute.HasField("g") else attribute.graphs:
                calls += self.graph(graph, depth + 1)
        return calls

    def names(self, what: str, names: Iterable[str]) -> None:
        for name in names:
            if len(name) > MAX_NAME_LENGTH:
                self.refuse(f"the name of a {what} has {len(name):,} characters; at most {MAX_NAME_LENGTH:,} are read")

    def twice(self, what: str, names: Iterable[str]) -> None:
        seen: set[str] = set()
        for name in names:
            if name in seen:
                self.refuse(f"{what} '{name[:80]}' is there twice")
            seen.add(name)

    def declared(self, info: ValueInfoProto) -> None:
        self.shape(f"input '{info.name[:80]}'", [d.dim_value for d in info.type.tensor_type.shape.dim])

    def tensor(self, tensor: TensorProto, name: str) -> None:
        what = f"constant '{name[:80]}'"
        if any(size < 0 for size in tensor.dims):
            self.refuse(f"{what}: a size of {min(tensor.dims)}")
        self.shape(what, list(tensor.dims))
        size = math.prod(tensor.dims) * _item_bytes(tensor.data_type)
        if tensor.data_location == TensorProto.EXTERNAL and (given := self.external_bytes(tensor)) > size:
            self.refuse(f"{what}: external data of {given:,} bytes for a constant of {size:,}; give its length")
        self.constant_bytes += size
        if self.constant_bytes > MAX_CONSTANT_BYTES:
            self.refuse(f"constants of more than {MAX_CONSTANT_BYTES:,} bytes together, at {what}")

    def external_bytes(self, tensor: TensorProto) -> int:
        """How much would be read: the length given, else all of the file; 0 where the reader finds no file anyway."""
        entries = {entry.key: entry.value for entry in tensor.external_data}
        try:
            return int(entries["length"]) if "length" in entries else (self.folder / entries["location"]).stat().st_size
        except (OSError, ValueError, KeyError):
            return 0

    def shape(self, what: str, shape: list[int]) -> None:
        if len(shape) > MAX_RANK:
            self.refuse(f"{what}: rank {len(shape)}; supported: at most {MAX_RANK}")
        if max(shape, default=0) > MAX_DIMENSION:
            self.refuse(f"{what}: {max(shape):,} along an axis; supported: at most {MAX_DIMENSION:,}")
        if (elements := math.prod(size for size in shape if size > 0)) > MAX_ELEMENTS:
            self.refuse(f"{what}: {elements:,} elements; supported: at most {MAX_ELEMENTS:,}")


def _callee(domain: str, name: str, named: object) -> Callee:
    return "" if domain == "ai.onnx" else domain, name, getattr(named, "overload", "")


def _expanded(calls: Counter[Callee], sizes: dict[Callee, int]) -> int:
    return sum(count * sizes.get(callee, 1) for callee, count in calls.items())


@cache
def _item_bytes(kind: int) -> int:
    """Bytes of one element in memory; the most there are for a type that NumPy does not have."""
    try:
        return int(helper.tensor_dtype_to_np_dtype(kind).itemsize)
    except (KeyError, TypeError):
        return 16
