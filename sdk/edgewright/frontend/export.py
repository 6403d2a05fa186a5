"""Float graph -> ONNX: plain, or with its int8 scales as QuantizeLinear and DequantizeLinear pairs."""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper

from edgewright import __version__
from edgewright.frontend.export_builder import OnnxBuilder
from edgewright.frontend.export_opset import INT4_SINCE, forms_of, forms_of_node, opset_for
from edgewright.frontend.export_quantized import QuantizedLayer, quantize_layer
from edgewright.ir import Graph, Node, Value
from edgewright.numerics import W4_MAX
from edgewright.ops import Op
from edgewright.ops.dense import Dense
from edgewright.ops.fused import FusedUnary
from edgewright.ops.onnx_node import OnnxForm


def export_onnx(graph: Graph[Op], *, quantized: bool = False, int4: bool = False) -> ModelProto:
    """The ONNX model of a float graph in ONNX semantics (NCHW), opset 17 or the first that has all its operators.

    Values, constants and nodes keep their names. quantized: every value with a scale goes through QuantizeLinear and
    DequantizeLinear; weights become int8 and biases int32 initializers, the numbers that the integer graph gets too.
    int4: weights of a layer that all lie in [-7, 7] become INT4 initializers, which opset 21 has; otherwise they are
    int8 like all others.
    Deviation: constant operands of element-wise operations stay float, so that their scale is chosen again and alike.

    Raises:
        ValueError: the graph is channels last already, or a layer has no scales to be quantized with.
    """
    for node in graph.nodes:
        if getattr(node.op, "channels_last", False):
            raise ValueError(f"{graph.name}: '{node.name}' is channels last; export before to_nhwc")
    return _Export(graph, quantized, int4).run()


class _Export:
    def __init__(self, graph: Graph[Op], quantized: bool, int4: bool) -> None:
        self.graph = graph
        self.quantized = quantized
        self.int4 = int4
        self.own_names = {value: value.name for value in graph.values()}
        opset = max(opset_for(forms_of(graph)), INT4_SINCE if int4 else 0)
        self.build = OnnxBuilder(opset, set(self.own_names.values()))
        self.infos: list[ValueInfoProto] = []
        #: What readers of a value call it.
        self.names: dict[Value, str] = {}

    def run(self) -> ModelProto:
        for value in self.graph.inputs:
            self._publish(value, value.name)
        for node in self.graph.nodes:
            self._node(node)
        proto = helper.make_graph(
            self.build.nodes,
            self.graph.name,
            [_info(value, value.name) for value in self.graph.inputs],
            [_info(value, value.name) for value in self.graph.outputs],
            [numpy_helper.from_array(data, name) for name, data in self.build.initializers.items()],
            value_info=self.infos,
        )
        opsets = [helper.make_opsetid("", self.build.opset)]
        model = helper.make_model(proto, opset_imports=opsets, ir_version=helper.find_min_ir_version_for(opsets))
        model.producer_name, model.producer_version = "edgewright", __version__
        return model

    # ---- nodes ----

    def _node(self, node: Node[Op]) -> None:
        # Gemm takes matrices only: on another rank a Dense is MatMul, which wants its weights transposed, and Add.
        of_rows = isinstance(node.op, Dense) and len(node.operand(0).shape) != 2
        operands = self._operands(node, of_rows)
        outputs = [self._raw_name(value) for value in node.outputs]
        if isinstance(node.op, FusedUnary):
            self._body(node.op.body, operands[0], outputs[0])
        elif isinstance(node.op, Dense) and of_rows:
            self._dense_of_rows(node.op, operands, outputs[0], node.name)
        else:
            self.build.chain(forms_of_node(node), operands, outputs, node.name)
        for value, name in zip(node.outputs, outputs, strict=True):
            self._publish(value, name)

    def _body(self, body: Graph[Op], source: str, result: str) -> None:
        known = {body.inputs[0]: source}
        for node in body.nodes:
            out = result if node.output is body.outputs[0] else self.build.fresh(node.output.name)
            inputs = [known[v] if v is not None and v in known else self._operand(v) for v in node.inputs]
            self.build.chain(node.op.to_onnx(), inputs, [out], node.name)
            known[node.output] = out

    def _dense_of_rows(self, op: Dense, operands: list[str], out: str, name: str) -> None:
        x, weights, bias = [*operands, ""][:3]
        if not bias:
            self.build.chain([OnnxForm("MatMul"), *op.clamp.to_onnx()], [x, weights], [out], name)
            return
        product = self.build.fresh(f"{out}/matmul")
        self.build.chain([OnnxForm("MatMul")], [x, weights], [product], name)
        self.build.chain([OnnxForm("Add"), *op.clamp.to_onnx()], [product, bias], [out], name)

    # ---- what nodes read ----

    def _operands(self, node: Node[Op], transposed: bool) -> list[str]:
        """The names of the node's inputs, "" for an absent one. transposed: of its weights, the transposed ones."""
        layer = quantize_layer(node) if self.quantized else None
        if layer is not None:
            return self._integers(node, layer.transposed() if transposed else layer)
        names = [self._operand(v) for v in node.inputs if not (transposed and v is node.inputs[1])]
        if transposed:
            w = node.operand(1)
            assert w.data is not None
            names.insert(1, self.build.constant(np.ascontiguousarray(w.data.T), self._claim(w)))
        return names

    def _integers(self, node: Node[Op], layer: QuantizedLayer) -> list[str]:
        """The operands of a linear layer, its constants as integers behind DequantizeLinear."""
        names = [self._operand(node.operand(0))]
        fits = self.int4 and int(np.abs(layer.weights).max(initial=0)) <= W4_MAX
        weights = layer.weights.astype(helper.tensor_dtype_to_np_dtype(TensorProto.INT4)) if fits else layer.weights
        names.append(self.build.dequantized(weights, layer.scales, layer.axis, self._claim(node.operand(1))))
        if layer.bias is not None:
            names.append(self.build.dequantized(layer.bias, layer.bias_scales, 0, self._claim(node.operand(2))))
        return names

    def _operand(self, value: Value | None) -> str:
        if value is None:
            return ""
        if value not in self.names and value.data is not None:
            self.names[value] = self.build.constant(value.data, self._claim(value))
        return self.names[value]

    def _claim(self, value: Value) -> str:
        """The constant's own name the first time; a fresh one later, and inside fused functions."""
        return self.own_names.pop(value, None) or self.build.fresh(value.name)

    # ---- what nodes compute ----

    def _raw_name(self, value: Value) -> str:
        """What the node calls its result: an output of the graph with a scale gets its own name only after it."""
        after = self._has_scale(value) and self.graph.is_output(value)
        return self.build.fresh(f"{value.name}/float") if after else value.name

    def _publish(self, value: Value, raw: str) -> None:
        """Let others read `value`, which is called `raw` so far, through its scale if it has one."""
        self.names[value] = raw
        if raw != value.name or not (value in self.graph.inputs or self.graph.is_output(value)):
            self.infos.append(_info(value, raw))
        if self._has_scale(value):
            assert value.quant is not None
            name = value.name if raw != value.name else self.build.fresh(f"{value.name}/dequantized")
            self.build.quantized(raw, value.quant, value.name, name)
            self.names[value] = name

    def _has_scale(self, value: Value) -> bool:
        return self.quantized and value.quant is not None and value.dtype == "float32"


def _info(value: Value, name: str) -> ValueInfoProto:
    """Indices are int32 here and int64 in ONNX."""
    kind = np.dtype("int64" if value.dtype == "int32" else value.dtype)
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(kind), value.shape)
