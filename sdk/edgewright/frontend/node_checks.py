"""What is asked of an ONNX node before anything imports it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from onnx import AttributeProto, NodeProto, TensorProto, defs, helper

from edgewright.frontend.names import FLOAT_TYPES, type_name
from edgewright.frontend.quantized import QUANTIZED
from edgewright.ir import Value
from edgewright.ops import importers
from edgewright.ops.onnx_node import OnnxNode, Unsupported

#: Operators of ONNX Runtime's own domain that mean what their ONNX namesakes mean.
MICROSOFT = ("Gelu",)
#: Nodes that pass their first input on unchanged at inference.
PASS_THROUGH = ("Identity", "Dropout")
#: Operators that may read a constant with minus infinities, which a softmax turns to 0.
MASKING = ("Add", "Where")
#: What helps with operators that are not supported.
REMEDIES = {
    **dict.fromkeys(
        ("DynamicQuantizeLinear", "DynamicQuantizeLSTM", "MatMulInteger", "MatMulIntegerToFloat", "ConvInteger"),
        "give the float model: what is quantized at run time has no scales to keep",
    ),
    **dict.fromkeys(("Loop", "Scan"), "export the model with the number of steps fixed, so that they are written out"),
    **dict.fromkeys(("NonMaxSuppression", "NonZero"), "leave it to the host: how much it gives depends on the data"),
    **dict.fromkeys(("ImageDecoder", "DecodeImage", "StringNormalizer"), "cut the model behind it"),
}
#: Operators that the importer itself understands.
BUILT_IN = (*PASS_THROUGH, "Cast", "Constant", "If", "Shape", "Size")


def check_known(proto: NodeProto) -> None:
    """Raises Unsupported for an operator that nothing imports, whatever its attributes and inputs."""
    if proto.domain in ("", "ai.onnx") and (proto.op_type in importers() or proto.op_type in BUILT_IN + QUANTIZED):
        return
    if proto.domain == "com.microsoft" and proto.op_type in MICROSOFT + QUANTIZED:
        return
    remedy = REMEDIES.get(proto.op_type)
    raise Unsupported("operator is not supported" + (f"; {remedy}" if remedy else ""))


def check_schema(proto: NodeProto, opset: int) -> None:
    """Raises Unsupported where the operator's schema in this opset has no such attribute, or another number of inputs.

    Operators of other domains have no schema here; a deprecated one no longer has its attributes.
    """
    if proto.domain not in ("", "ai.onnx") or not defs.has(proto.op_type):
        return
    try:
        schema = defs.get_schema(proto.op_type, opset)
    except defs.SchemaError:
        since = min(s.since_version for s in defs.get_all_schemas_with_history() if s.name == proto.op_type)
        raise Unsupported(f"the operator came with opset {since}") from None
    if schema.deprecated:
        return
    for given, least, most, what in (
        (len(proto.input), schema.min_input, schema.max_input, "inputs"),
        (len(proto.output), schema.min_output, schema.max_output, "outputs"),
    ):
        if given > most:
            raise Unsupported(f"{given} {what}; the operator has at most {most}")
        if given < least:
            raise Unsupported(f"{given} {what}; the operator has at least {least}")
    for attribute in proto.attribute:
        wanted = schema.attributes.get(attribute.name)
        if wanted is None:
            raise Unsupported(f"attribute '{attribute.name[:80]}', which the operator does not have")
        kind, kinds = str(wanted.type).rpartition(".")[2], AttributeProto.AttributeType
        if kinds.Name(attribute.type) != kind:
            raise Unsupported(f"attribute '{attribute.name}' is {kinds.Name(attribute.type)} instead of {kind}")


def attributes(proto: NodeProto) -> dict[str, object]:
    """The attributes by name.

    Raises:
        Unsupported: one is NaN or infinite; only bounds and fills may be infinite.
    """
    found = {a.name: helper.get_attribute_value(a) for a in proto.attribute}
    for name, value in found.items():
        may_be_infinite = proto.op_type in ("Clip", "Pad")
        if isinstance(value, float) and not np.isfinite(value) and (np.isnan(value) or not may_be_infinite):
            raise Unsupported(f"{name} {value}; supported: numbers")
    return found


def finite(proto: NodeProto, value: Value) -> Value:
    """`value` as an input of the node; of a mask of minus infinities one of the lowest numbers.

    A single infinity may be the bound of a Clip, and passes.

    Raises:
        Unsupported: a constant of several numbers holds minus infinity, and no mask is meant.
    """
    if value.data is None or value.data.dtype != np.float32 or not np.isneginf(value.data).any():
        return value
    if proto.op_type in MASKING:
        data = np.maximum(value.data, np.finfo(np.float32).min)
        return Value(value.name, value.shape, value.dtype, data)
    if value.size > 1:
        raise Unsupported(f"constant '{value.name}': holds NaN or infinite values")
    return value


def first_output(proto: NodeProto) -> str:
    """The name of the first output that has one."""
    return next((name for name in proto.output if name), "")


def qualified(proto: NodeProto) -> str:
    return f"{proto.domain}.{proto.op_type}" if proto.domain not in ("", "ai.onnx") else proto.op_type


def grouped(reasons: Iterable[tuple[str, str]]) -> list[str]:
    """One line per reason, with what it is said of: up to three names, else the first two and how many more."""
    names: dict[str, list[str]] = {}
    for name, reason in reasons:
        names.setdefault(reason, []).append(name)
    lines = []
    for reason, given in names.items():
        more = f" and {len(given) - 2} more" if len(given) > 3 else ""
        lines.append(f"{', '.join(given if not more else given[:2])}{more} {reason}")
    return lines


def is_cast_to_float(proto: NodeProto) -> bool:
    """Whether the node makes floats of numbers."""
    return proto.op_type == "Cast" and any(a.name == "to" and a.i in FLOAT_TYPES for a in proto.attribute)


def passes_through(node: OnnxNode) -> bool:
    """Whether the node gives its first input on as it is.

    Raises:
        Unsupported: a Cast that changes the values, or a Dropout that drops.
    """
    if node.op_type == "Dropout" and node.has_input(2) and np.any(node.constant(2, "training_mode")):
        raise Unsupported("training_mode 1; supported: inference")
    if node.op_type != "Cast":
        return node.op_type in PASS_THROUGH
    kind, integral = node.attribute("to"), node.input(0).dtype == "int32"
    if kind in FLOAT_TYPES or (integral and kind in (TensorProto.INT32, TensorProto.INT64)):
        return True
    raise Unsupported(f"Cast of an activation to {type_name(kind or 0)}; supported: to float, where it changes nothing")


def malformed(error: Exception) -> str:
    """What an unexpected exception says about the node that caused it."""
    lines = str(error).splitlines() or [""]
    return f"malformed: {type(error).__name__}: {lines[0][:200]}"
