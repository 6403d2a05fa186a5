"""Functions of one value: all of them run as one 256-entry table."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.elementwise import LutS8
from edgewright.ops.base import Op, Shape
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported

Function = Callable[..., np.ndarray]


def _erf(x: np.ndarray) -> np.ndarray:
    return np.array([math.erf(v) for v in x.reshape(-1).tolist()]).reshape(x.shape)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0.0, -x))


def _softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0.0, x)


def _gelu(x: np.ndarray, approximate: str) -> np.ndarray:
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + _erf(x / math.sqrt(2)))


#: ONNX operator -> (function of a float64 array and the attributes, attribute defaults).
#: Source: the function bodies in the ONNX operator documentation, opset 20.
FUNCTIONS: dict[str, tuple[Function, dict[str, float | str]]] = {
    "Abs": (np.abs, {}),
    "Acos": (np.arccos, {}),
    "Asin": (np.arcsin, {}),
    "Atan": (np.arctan, {}),
    "Ceil": (np.ceil, {}),
    "Celu": (lambda x, alpha: np.maximum(0, x) + np.minimum(0, alpha * np.expm1(x / alpha)), {"alpha": 1.0}),
    "Cos": (np.cos, {}),
    "Cosh": (np.cosh, {}),
    "Elu": (lambda x, alpha: np.where(x < 0, alpha * np.expm1(np.minimum(x, 0)), x), {"alpha": 1.0}),
    "Erf": (_erf, {}),
    "Exp": (np.exp, {}),
    "Floor": (np.floor, {}),
    "Gelu": (_gelu, {"approximate": "none"}),
    "HardSigmoid": (lambda x, alpha, beta: np.clip(alpha * x + beta, 0, 1), {"alpha": 0.2, "beta": 0.5}),
    "HardSwish": (lambda x: x * np.clip(x / 6 + 0.5, 0, 1), {}),
    "LeakyRelu": (lambda x, alpha: np.where(x < 0, alpha * x, x), {"alpha": 0.01}),
    "Log": (np.log, {}),
    "Mish": (lambda x: x * np.tanh(_softplus(x)), {}),
    "Neg": (np.negative, {}),
    "Reciprocal": (np.reciprocal, {}),
    "Round": (np.rint, {}),
    "Selu": (
        lambda x, alpha, gamma: gamma * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
        {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805},
    ),
    "Sigmoid": (_sigmoid, {}),
    "Sign": (np.sign, {}),
    "Sin": (np.sin, {}),
    "Sinh": (np.sinh, {}),
    "Softplus": (_softplus, {}),
    "Softsign": (lambda x: x / (1 + np.abs(x)), {}),
    "Sqrt": (np.sqrt, {}),
    "Swish": (lambda x, alpha: x * _sigmoid(alpha * x), {"alpha": 1.0}),
    "Tan": (np.tan, {}),
    "Tanh": (np.tanh, {}),
    "ThresholdedRelu": (lambda x, alpha: np.where(x > alpha, x, 0.0), {"alpha": 1.0}),
}


@dataclass(frozen=True)
class Unary(Op):
    """y = function(x) for each element; attributes: the ONNX ones, as sorted pairs."""

    onnx_types = tuple(FUNCTIONS)

    function: str
    attributes: tuple[tuple[str, float | str], ...] = ()

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Unary:
        defaults = FUNCTIONS[node.op_type][1]
        given = {name: node.attribute(name, value) for name, value in defaults.items()}
        decoded = {name: v.decode() if isinstance(v, bytes) else v for name, v in given.items()}
        if node.op_type == "Gelu" and decoded["approximate"] not in ("none", "tanh"):
            raise Unsupported(f"approximate '{decoded['approximate']}'; supported: none, tanh")
        return cls(node.op_type, tuple(sorted(decoded.items())))

    @property
    def mnemonic(self) -> str:
        return self.function.lower()

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm(self.function, dict(self.attributes))]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        assert inputs[0] is not None
        return [inputs[0]]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        with np.errstate(all="ignore"):
            y = FUNCTIONS[self.function][0](x.astype(np.float64), **dict(self.attributes))
        return [y.astype(np.float32)]

    def lower(self, low: Lowering) -> None:
        lower_to_table(low, self)

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return self


def lower_to_table(low: Lowering, op: Op) -> None:
    """Emit the table of an element-wise operation of one input."""
    x, yq = low.input(0), low.out_quant()
    reals = low.quant(0).dequantize(np.arange(-128, 128))
    (y,) = op.evaluate(reals)
    largest = np.float32(127 * yq.scale * 4)
    table = yq.quantize(np.nan_to_num(y, nan=0.0, posinf=largest, neginf=-largest))
    low.emit(LutS8(table=table, n=x.size), [x])
