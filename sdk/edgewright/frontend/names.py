"""What a model calls things, made fit for a one-line message."""

from __future__ import annotations

from onnx import GraphProto, TensorProto

FLOAT_TYPES = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16)


def one_line(text: str) -> str:
    """`text` with everything that is no visible character replaced: names in a model may hold anything."""
    return "".join(c if c.isprintable() else "?" for c in text)


def type_name(kind: int) -> str:
    """The name of a TensorProto data type, known or not."""
    return TensorProto.DataType.Name(kind) if kind in TensorProto.DataType.values() else f"type {kind}"


def all_are_text(graph: GraphProto) -> bool:
    """Whether every name of a value, node or attribute is UTF-8: protobuf hands out bytes where one is not."""
    names = [info.name for info in (*graph.input, *graph.output)] + [tensor.name for tensor in graph.initializer]
    for node in graph.node:
        names += [node.name, node.op_type, node.domain, *node.input, *node.output]
        names += [attribute.name for attribute in node.attribute]
    return all(isinstance(name, str) for name in names)
