"""The text form of graphs: what tests of passes are written in, and what shows a graph to a person.

    graph 'tiny' {
      input %x:f32[1,2,4,4]<0.05:-3>
      %w:f32[2,2,1,1] = const(1.0, 0.0, 0.0, 1.0)
      %y:f32[1,2,4,4] = conv(%x, %w, none) {window=Window(kernel=(1, 1)), groups=1} 'first'
      output %y
    }

A value is defined as `%name:type[shape]`, then `<scale:zero>` when it is quantized and `^(axes)` when it is stored in
another axis order than the model's. Fields that have their default are left out. Large constants are printed by a hash
of their contents; `const(seed=3)` stands for pseudo-random ones. `#` begins a comment.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from edgewright.ir.graph import AnyGraph, AnyNode, Graph, Value
from edgewright.ir.text_parser import Parser, snake_case

#: Constants with more elements are printed by their hash.
LITERAL_ELEMENTS = 16
PLAIN_NAME = re.compile(r"[\w./-]+")
NUMERIC = re.compile(r"(float|uint|int)(\d+)")


def print_graph(graph: AnyGraph) -> str:
    """The text of `graph`, without a newline at the end.

    >>> from edgewright.contracts.registry import records
    >>> text = '''graph 'moved' {
    ...   input %x:i8[1,4]<0.1:0>
    ...   %y:i8[2,2]<0.1:0> = reshape_s8(%x) {out_shape=(2, 2)} 'flatten'
    ...   output %y
    ... }'''
    >>> print_graph(parse_graph(text, records())) == text
    True
    """
    lines = [f"input {_definition(v)}" for v in graph.inputs]
    shown: set[Value] = set()
    for node in graph.nodes:
        lines += [*_constants(node.inputs, shown), _node(node)]
    lines += _constants(graph.outputs, shown)
    lines += [f"output {_name(v)}" for v in graph.outputs]
    return "\n".join([f"graph {graph.name!r} {{", *(textwrap.indent(line, "  ") for line in lines), "}"])


def parse_graph(text: str, records: Mapping[str, type], constants: Mapping[str, np.ndarray] | None = None) -> AnyGraph:
    """The graph that `text` describes.

    records: class name -> class of every operation, and of every record in its fields. constants: hash -> contents
    of the constants that the text gives by hash (see `content_hash`).

    Raises:
        ValueError: the text is malformed, or names what is not defined (with the number of the line).
    """
    parser = Parser(text, records, constants or {})
    graph = parser.graph()
    parser.take("end")
    return graph


def content_hash(data: np.ndarray) -> str:
    """8 hex digits that stand for type, shape and contents of an array."""
    head = f"{data.dtype.name}{data.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(data).tobytes()).hexdigest()[:8]


def _node(node: AnyNode) -> str:
    outputs = ", ".join(map(_definition, node.outputs))
    operands = ", ".join("none" if v is None else _name(v) for v in node.inputs)
    fields = ", ".join(_fields(node.op))
    parts = [f"{outputs} = {snake_case(type(node.op).__name__)}({operands})"]
    parts += [f"{{{fields}}}"] if fields else []
    parts += [repr(node.name)] if node.name else []
    return " ".join(parts)


def _constants(values: Sequence[Value | None], shown: set[Value]) -> Iterator[str]:
    """The definitions of the constants among `values` that were not shown before."""
    for value in values:
        if value is not None and value.data is not None and value not in shown:
            shown.add(value)
            scales = value.weight_scales
            own = "" if scales is None else f" {{weight_scales={_item(scales)}, weight_axis={value.weight_axis}}}"
            yield f"{_definition(value)} = const{_contents(value.data)}{own}"


def _name(value: Value) -> str:
    return f"%{value.name if PLAIN_NAME.fullmatch(value.name) else repr(value.name)}"


def _type(dtype: str, shape: tuple[int, ...]) -> str:
    match = NUMERIC.fullmatch(dtype)
    return f"{match[1][0] + match[2] if match else dtype}[{','.join(map(str, shape))}]"


def _definition(value: Value) -> str:
    quant = "" if value.quant is None else f"<{value.quant.scale!r}:{value.quant.zero}>"
    perm = "" if value.model_perm is None else f"^{_item(value.model_perm)}"
    return f"{_name(value)}:{_type(value.dtype, value.shape)}{quant}{perm}"


def _contents(data: np.ndarray) -> str:
    if data.size > LITERAL_ELEMENTS:
        return f"(hash={content_hash(data)!r})"
    return f"({', '.join(str(item) for item in data.reshape(-1))})"


def _fields(record: Any) -> Iterator[str]:
    """`name=value` of each field that has not its default."""
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray) or field.default is dataclasses.MISSING or value != field.default:
            yield f"{field.name}={_item(value)}"


def _item(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return _type(value.dtype.name, value.shape) + _contents(value)
    if isinstance(value, Graph):
        return print_graph(value)
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_item, value))}{',' if len(value) == 1 else ''})"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}({', '.join(_fields(value))})"
    return repr(value.item() if isinstance(value, np.generic) else value)
