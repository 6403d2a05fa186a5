"""Evaluates nodes whose inputs are all known, with ONNX's own reference implementation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
from onnx import NodeProto, OperatorSetIdProto, TypeProto, ValueInfoProto, helper
from onnx.reference import ReferenceEvaluator

from edgewright.frontend.node_checks import check_known
from edgewright.ops.onnx_node import Unsupported
from edgewright.ops.registry import MAX_ELEMENTS

#: Bytes of the constants that folding a model makes, and of those that it reads and makes: the time it may take.
MAX_MADE_BYTES = 256 * 2**20
MAX_TOUCHED_BYTES = 2**31
#: Multiply-accumulates of one constant matrix product, about 5 s.
MAX_MACS = 2**32
#: Operators whose reference is a loop over elements in Python, and how many elements they may have.
LOOPS = ("Compress", "GatherND", "ScatterElements", "ScatterND", "TopK", "Unique")
MAX_LOOP_ELEMENTS = 2**16


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Operators that are evaluated, by the rule that bounds the elements of their result; others are refused.
#: The result has at most the elements of all inputs together, of an index per axis where indices are what comes out.
BOUNDED = _words(
    """
    Abs Acos Acosh And ArgMax ArgMin Asin Asinh Atan Atanh BatchNormalization BitwiseNot Cast CastLike Ceil Celu
    Clip Concat Constant Cos Cosh CumSum DepthToSpace DequantizeLinear Dropout Elu Erf Exp EyeLike Flatten Floor
    GatherElements Gelu GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish Hardmax Identity InstanceNormalization
    IsInf IsNaN LayerNormalization LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish Neg
    NonZero Not QuantizeLinear Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean
    ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape ReverseSequence Round Selu Shape Shrink Sigmoid Sign
    Sin Sinh Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Tan Tanh ThresholdedRelu Transpose
    Trilu Unsqueeze
    """
).union(LOOPS)
#: The result has the shape that all inputs broadcast to.
BROADCAST = _words(
    """
    Add BitShift BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul
    Or PRelu Pow Sub Sum Where Xor
    """
)
#: Operators with a rule of their own.
SIZED = ("ConstantOfShape", "Expand", "Gather", "Gemm", "MatMul", "OneHot", "Pad", "Range", "Tile")


class Folding:
    """Folds the nodes of one model, within limits for all of them together."""

    def __init__(self, opsets: Iterable[OperatorSetIdProto]) -> None:
        self._opsets = list(opsets)
        self._made_bytes = 0
        self._touched_bytes = 0

    def fold(self, node: NodeProto, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """The outputs of `node` for constant `inputs`.

        Raises:
            Unsupported: an operator that is not evaluated, the reference implementation cannot evaluate it, or the
                result is too large, alone or with what was folded before.
        """
        if node.domain not in ("", "ai.onnx") or node.op_type not in BOUNDED.union(BROADCAST, SIZED):
            check_known(node)
            raise Unsupported("all its inputs are constants; give its result as a constant instead")
        size = _result_size(node, [inputs.get(name) for name in node.input])
        if not size <= MAX_ELEMENTS:
            raise Unsupported(f"constant {node.op_type} of {size:.0f} elements; supported: at most {MAX_ELEMENTS:,}")
        self._spend(sum(data.nbytes for data in inputs.values()), int(4 * size))
        results = self._evaluated(node, inputs)
        self._made_bytes += sum(result.nbytes for result in results)
        self._touched_bytes += sum(data.nbytes for data in (*inputs.values(), *results))
        return results

    def _spend(self, read: int, made: int) -> None:
        """Refuse what would go beyond the limits of the whole model."""
        for spent, most, what in (
            (self._made_bytes + made, MAX_MADE_BYTES, "bytes of constants computed from constants"),
            (self._touched_bytes + read + made, MAX_TOUCHED_BYTES, "bytes read and written to compute constants"),
        ):
            if spent > most:
                raise Unsupported(f"more than {most:,} {what}; supported: the constants themselves")

    def _evaluated(self, node: NodeProto, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        values = [ValueInfoProto(name=name) for name in inputs]
        outputs = [ValueInfoProto(name=name) for name in node.output if name]
        for info in outputs:
            info.type.CopyFrom(TypeProto())
        graph = helper.make_graph([node], "fold", [], outputs)
        graph.input.extend(values)
        model = helper.make_model(graph, opset_imports=self._opsets)
        try:
            with np.errstate(all="ignore"):
                return [np.asarray(result) for result in ReferenceEvaluator(model).run(None, dict(inputs))]
        except Exception as error:  # whatever the reference implementation trips over
            lines = str(error).splitlines() or [type(error).__name__]
            raise Unsupported(f"constant {node.op_type} cannot be evaluated: {lines[0][:200]}") from None


def _result_size(node: NodeProto, given: list[np.ndarray | None]) -> float:
    """An upper bound of the elements of the result.

    Raises:
        Unsupported: it takes too long, or the operands do not go together.
    """
    operands = [data for data in given if data is not None]
    together = sum(data.size for data in operands)
    if node.op_type in LOOPS and together > MAX_LOOP_ELEMENTS:
        raise Unsupported(f"constant {node.op_type} of {together:,} elements; supported: at most {MAX_LOOP_ELEMENTS:,}")
    if node.op_type in BOUNDED:
        indices = max((data.ndim for data in operands), default=1) if node.op_type in ("NonZero", "Unique") else 1
        return float(together * max(indices, 1))
    if node.op_type in BROADCAST:
        return _broadcast_size(node, [data.shape for data in operands])
    if node.op_type in ("MatMul", "Gemm"):
        return _product_size(node, operands)
    first, numbers = operands[0], [data.astype(np.float64) for data in operands[1:]]
    second = numbers[0] if numbers else np.zeros(0)
    match node.op_type:
        case "ConstantOfShape":
            return float(np.prod(first.astype(np.float64)))
        case "Expand" | "Tile":
            return max(first.size, 1) * float(np.prod(np.abs(second)))
        case "OneHot":
            return first.size * float(np.max(np.abs(second), initial=0))
        case "Range" if len(numbers) > 1:
            return float(np.max(np.abs((second - first) / numbers[1]), initial=0)) + 1
        case "Pad" if second.size:
            return float(np.prod(np.array(first.shape) + float(np.abs(second).sum())))
        case "Gather":
            axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
            along = first.shape[axis] if -first.ndim <= axis < first.ndim else 1
            return float(first.size / max(along, 1) * second.size)
        case _:
            return np.inf


def _broadcast_size(node: NodeProto, shapes: list[tuple[int, ...]]) -> float:
    try:
        return float(math.prod(np.broadcast_shapes(*shapes)))
    except ValueError:
        raise Unsupported(f"constant {node.op_type}: shapes {', '.join(map(str, map(list, shapes)))}") from None


def _product_size(node: NodeProto, operands: list[np.ndarray]) -> float:
    """Elements of a matrix product, which has no more of them than both operands without the axis that they share."""
    if len(operands) < 2 or any(data.ndim < 1 for data in operands[:2]):
        raise Unsupported(f"constant {node.op_type}: operands that are no matrices")
    a, b = operands[:2]
    turned = node.op_type == "Gemm" and any(x.name == "transA" and x.i for x in node.attribute)
    shared = max(a.shape[0 if turned else -1], 1)
    turned = node.op_type == "Gemm" and any(x.name == "transB" and x.i for x in node.attribute)
    columns = b.size / max(b.shape[-1 if turned else -2] if b.ndim > 1 else b.size, 1)
    batched = a.ndim > 2 and b.ndim > 2
    columns /= math.prod(b.shape[:-2]) if batched and a.shape[:-2] == b.shape[:-2] else 1
    size = a.size / shared * columns
    if size * shared > MAX_MACS:
        raise Unsupported(f"constant {node.op_type} of {size * shared:.0f} multiplications; at most {MAX_MACS:,}")
    return float(size)
