"""ONNX graph -> float graph: one walk over the nodes, folding what is constant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from onnx import NodeProto, TensorProto, numpy_helper

from edgewright.errors import EdgewrightError, ModelFileError, UnsupportedError, UsageError
from edgewright.frontend.folding import Folding
from edgewright.frontend.limits import check_work
from edgewright.frontend.load import ModelFile
from edgewright.frontend.names import FLOAT_TYPES, all_are_text, one_line, type_name
from edgewright.frontend.node_checks import (
    attributes,
    check_known,
    check_schema,
    finite,
    first_output,
    grouped,
    is_cast_to_float,
    malformed,
    passes_through,
    qualified,
)
from edgewright.frontend.on_codes import import_on_codes
from edgewright.frontend.order import names_read, nodes_in_order
from edgewright.frontend.quantized import QUANTIZED, Quantized, import_quantized
from edgewright.frontend.settle_scales import settle_scales
from edgewright.frontend.shapes import Shape, input_shape
from edgewright.ir import Graph, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.onnx_node import OnnxNode, Unsupported
from edgewright.ops.registry import MAX_ELEMENTS, import_node
from edgewright.ops.reshape import Reshape

INT8_TYPES = (TensorProto.INT8, TensorProto.UINT8)
#: What sensors give; taken where the model makes floats of it at once.
NUMBER_TYPES = (TensorProto.INT16, TensorProto.UINT16, TensorProto.INT32, TensorProto.UINT32, TensorProto.INT64)

#: What an ONNX name stands for while importing: a value, a quantized view of one, or nothing (omitted).
Known = Value | Quantized


def import_model(model: ModelFile, shapes: Mapping[str, Shape] | None = None) -> Graph[Op]:
    """The float graph of `model`, in ONNX semantics (NCHW) and with a batch of one.

    shapes: sizes for inputs that the model leaves open, by input name.

    Raises:
        UnsupportedError: nodes that cannot be imported, all of them with their reasons.
        ModelFileError: a name is not UTF-8.
        UsageError: an open size, or a shape for an input that does not exist.
    """
    return _Importer(model, dict(shapes or {})).run()


class _Importer:
    def __init__(self, model: ModelFile, shapes: dict[str, Shape]) -> None:
        self.model = model
        self.shapes = shapes
        self.folding = Folding(model.proto.opset_import)
        self.graph: Graph[Op] = Graph(model.path.stem)
        self.known: dict[str, Known] = {}
        #: What was refused, and why.
        self.reasons: list[tuple[str, str]] = []
        #: Names whose node was refused -> whether they surely change at run time.
        self.poisoned: dict[str, bool] = {}
        self.taken: set[str] = set()

    def run(self) -> Graph[Op]:
        proto = self.model.proto.graph
        if not all_are_text(proto):
            raise ModelFileError(f"{self.model.path.name}: damaged: a name in it is not UTF-8")
        nodes = nodes_in_order(proto)
        self._constants({name for node in nodes for name in names_read(node)} | {info.name for info in proto.output})
        self._inputs(nodes)
        for node in nodes:
            self._node(node)
        if self.reasons:
            raise UnsupportedError(self.model.path.name, [one_line(reason) for reason in grouped(self.reasons)])
        for info in proto.output:
            self._output(info.name)
        settle_scales(self.graph)
        self.graph.prune()
        self.graph.verify()
        check_work(self.model.path.name, self.graph)
        return self.graph

    # ---- inputs, constants, outputs ----

    def _constants(self, read: set[str]) -> None:
        for tensor in self.model.proto.graph.initializer:
            if tensor.name not in read:
                continue
            try:
                self._constant(tensor.name, numpy_helper.to_array(tensor))
            except Exception as error:  # of whatever type the damage happens to cause
                self.reasons.append((f"constant '{tensor.name}':", malformed(error)))
                self.poisoned[tensor.name] = False
        if self.model.proto.graph.sparse_initializer:
            self.reasons.append(("sparse initializers;", "supported: dense ones"))

    def _constant(self, name: str, data: np.ndarray) -> Value:
        if data.dtype in (np.float64, np.float16) or data.dtype.name == "bfloat16":
            data = data.astype(np.float32)
        if data.dtype == np.float32 and (np.isnan(data).any() or (data.size > 1 and np.isposinf(data).any())):
            self.reasons.append((f"constant '{name}':", "holds NaN or infinite values"))
        value = self.known[name] = Value(name, data.shape, data.dtype.name, data)
        self.taken.add(name)
        return value

    def _inputs(self, nodes: list[NodeProto]) -> None:
        constants = {tensor.name for tensor in self.model.proto.graph.initializer}
        infos = [info for info in self.model.proto.graph.input if info.name not in constants]
        for name in self.shapes:
            if name not in {info.name for info in infos}:
                raise UsageError(f"--shape {name}: no such input; inputs: {', '.join(i.name for i in infos)}")
        for info in infos:
            kind = info.type.tensor_type.elem_type
            readers = [node for node in nodes if info.name in node.input]
            as_numbers = kind in NUMBER_TYPES and all(is_cast_to_float(node) for node in readers)
            if not as_numbers and kind not in FLOAT_TYPES + INT8_TYPES:
                what = "float, int8 and uint8, and other integers that are only cast to float"
                self.reasons.append((f"input '{info.name}':", f"{type_name(kind)}; supported: {what}"))
                self.poisoned[info.name] = True
                continue
            value = Value(info.name, input_shape(info, self.shapes))
            if value.size > MAX_ELEMENTS:
                too_many = f"{value.size:,} elements; supported: at most {MAX_ELEMENTS:,}"
                self.reasons.append((f"input '{info.name}':", too_many))
            self.taken.add(info.name)
            self.graph.inputs.append(value)
            self.known[info.name] = Quantized(value, kind == TensorProto.UINT8) if kind in INT8_TYPES else value

    def _output(self, name: str) -> None:
        value = self.known.get(name)
        if isinstance(value, Quantized):
            value = value.value
        if value is None:
            raise UnsupportedError(self.model.path.name, [one_line(f"output '{name}' is never computed")])
        if value in self.graph.inputs or value in self.graph.outputs or value.is_const:
            build = Builder(self.graph, name)
            copy = build.value(Reshape(value.shape), [value], build.name(name))
            copy.quant = value.quant
            self.graph.nodes += build.nodes
            value = copy
        elif value.name != name and name not in {v.name for v in self.graph.values()}:
            value.name = name
        self.graph.outputs.append(value)

    # ---- nodes ----

    def _node(self, proto: NodeProto) -> None:
        try:
            if any(name in self.poisoned for name in proto.input):
                if self._poison(proto):  # what may turn out constant is no cause of its own
                    check_known(proto)
                return
            results = self._import(proto)
        except Unsupported as reason:
            self._refuse(proto, str(reason))
        except EdgewrightError:
            raise
        except Exception as error:  # a malformed node may break any assumption, and must not end in a traceback
            self._refuse(proto, malformed(error))
        else:
            self.known.update({name: value for name, value in zip(proto.output, results, strict=False) if name})

    def _poison(self, proto: NodeProto) -> bool:
        """Note that the outputs of a node stay unknown; whether they surely change at run time."""
        known = [self.known.get(name) for name in proto.input]
        changes = any(isinstance(v, Quantized) or (v is not None and not v.is_const) for v in known)
        changes |= any(self.poisoned.get(name, False) for name in proto.input)
        changes &= proto.op_type not in ("Shape", "Size")
        self.poisoned.update(dict.fromkeys(filter(None, proto.output), changes))
        return changes

    def _refuse(self, proto: NodeProto, reason: str) -> None:
        label = proto.name or first_output(proto) or "?"
        self.reasons.append((f"'{label}'", f"({qualified(proto)}, opset {self.model.opset}): {reason}"))
        self._poison(proto)

    def _import(self, proto: NodeProto) -> list[Known]:
        check_schema(proto, self.model.opset)
        if proto.op_type == "Constant" and proto.domain in ("", "ai.onnx"):
            (data,) = self.folding.fold(proto, {})
            self._constant(proto.output[0], data)
            return [self.known[proto.output[0]]]
        inputs = [self._lookup(name) for name in proto.input]
        twice = next((name for name in proto.output if name in self.known), None)
        if twice or not first_output(proto):
            raise Unsupported(f"defines '{twice}' again" if twice else "has no output")
        if proto.op_type == "If" and proto.domain in ("", "ai.onnx"):
            return self._branch(proto, inputs[0])
        if proto.op_type in ("Shape", "Size") and isinstance(inputs[0], Value | Quantized):
            return [self._shape_of(proto, inputs[0])]
        constant = all(v is None or (isinstance(v, Value) and v.is_const) for v in inputs)
        if inputs and constant and (proto.op_type not in QUANTIZED or proto.op_type == "QuantizeLinear"):
            return list(self._folded(proto, inputs))
        inputs = [finite(proto, v) if isinstance(v, Value) else v for v in inputs]
        node = OnnxNode(proto.op_type, self.model.opset, attributes(proto), [], list(proto.output))
        build = Builder(self.graph, first_output(proto), self.taken)
        if proto.op_type in QUANTIZED:
            check_known(proto)
            results = import_quantized(node, inputs, build)
        else:
            results = self._plain(proto, node, inputs, build)
        for new in build.nodes:
            new.name = proto.name or first_output(proto)
        self.graph.nodes += build.nodes
        return results

    def _branch(self, proto: NodeProto, condition: Known | None) -> list[Known]:
        """The results of the branch that a constant condition takes; names inside it stay inside."""
        if not isinstance(condition, Value) or condition.data is None:
            raise Unsupported("the condition is computed at run time; supported: a constant one")
        wanted = "then_branch" if bool(condition.data.reshape(-1)[0]) else "else_branch"
        branch = next(a.g for a in proto.attribute if a.name == wanted)
        outside = dict(self.known)
        for tensor in branch.initializer:
            self._constant(tensor.name, numpy_helper.to_array(tensor))
        for node in nodes_in_order(branch):
            self._node(node)
        results = [self.known.get(info.name) for info in branch.output]
        self.known = outside
        if any(value is None for value in results):
            self._poison(proto)
        return [value for value in results if value is not None]

    def _plain(self, proto: NodeProto, node: OnnxNode, inputs: list[Known | None], build: Builder) -> list[Known]:
        while inputs and inputs[-1] is None:
            inputs.pop()
        node.inputs.extend(v.value if isinstance(v, Quantized) else v for v in inputs)
        check_known(proto)
        codes = any(isinstance(v, Quantized) for v in inputs)
        if not (codes and node.op_type == "Cast") and passes_through(node):
            return [inputs[0] or node.input(0)]
        integers = any(v and not v.is_const and v.dtype == "int32" for v in node.inputs)
        if integers and proto.op_type not in Reshape.onnx_types:
            raise Unsupported("computes with the integers of ArgMax or ArgMin; supported: a new shape, and the output")
        if codes:
            return import_on_codes(replace(node, inputs=[]), inputs, build)
        return list(import_node(node, build))

    def _lookup(self, name: str) -> Known | None:
        if not name:
            return None
        if name not in self.known:
            made = any(name in node.output for node in self.model.proto.graph.node)
            what = "stands in a cycle or behind one" if made else "is defined nowhere before it"
            raise Unsupported(f"reads '{name}', which {what}")
        return self.known[name]

    def _shape_of(self, proto: NodeProto, value: Known) -> Value:
        shape = value.value.shape if isinstance(value, Quantized) else value.shape
        start, end = (next((a.i for a in proto.attribute if a.name == name), None) for name in ("start", "end"))
        part = np.array(shape[start:end], dtype=np.int64)
        data = part if proto.op_type == "Shape" else np.array(np.prod(shape), dtype=np.int64)
        return Value(proto.output[0], data.shape, "int64", data)

    def _folded(self, proto: NodeProto, inputs: list[Known | None]) -> list[Value]:
        known = {
            name: v.data
            for name, v in zip(proto.input, inputs, strict=True)
            if isinstance(v, Value) and v.data is not None
        }
        results = self.folding.fold(proto, known)
        made = []
        for name, data in zip([n for n in proto.output if n], results, strict=False):
            value = self._constant(name, data)
            _keep_scales(proto.op_type, inputs, value)
            made.append(value)
        return made


def _keep_scales(op_type: str, inputs: list[Known | None], value: Value) -> None:
    """A per-tensor weight scale survives a reshape or transpose of the constant."""
    source = inputs[0] if inputs else None
    moves = op_type in ("Reshape", "Transpose", "Identity", "Squeeze", "Unsqueeze", "Flatten")
    if moves and isinstance(source, Value) and source.weight_scales is not None and source.weight_scales.size == 1:
        value.weight_scales = source.weight_scales
