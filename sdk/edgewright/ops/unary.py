"""Functions of one value: all of them run as one 256-entry table."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.elementwise import LutS8
from edgewright.contracts.movement import ReshapeS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.limits import limit_of
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.table import TableOp

Function = Callable[..., np.ndarray]


def _erf(x: np.ndarray) -> np.ndarray:
    return np.array([math.erf(v) for v in x.reshape(-1).tolist()]).reshape(x.shape)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    y: np.ndarray = np.exp(-np.logaddexp(0.0, -x))
    return y


def _softplus(x: np.ndarray) -> np.ndarray:
    y: np.ndarray = np.logaddexp(0.0, x)
    return y


def _gelu(x: np.ndarray, approximate: str) -> np.ndarray:
    inner = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)) if approximate == "tanh" else _erf(x / math.sqrt(2))
    y: np.ndarray = 0.5 * x * (1 + inner)
    return y


#: ONNX operator -> (function of a float64 array and the attributes, attribute defaults).
#: Source: the function bodies in the ONNX operator documentation, opset 20.
FUNCTIONS: dict[str, tuple[Function, dict[str, float | str]]] = {
    "Abs": (np.abs, {}),
    "Acos": (np.arccos, {}),
    "Acosh": (np.arccosh, {}),
    "Asin": (np.arcsin, {}),
    "Asinh": (np.arcsinh, {}),
    "Atan": (np.arctan, {}),
    "Atanh": (np.arctanh, {}),
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
    "Pow": (lambda x, exponent: np.power(x, exponent), {"exponent": 1.0}),
    "Reciprocal": (np.reciprocal, {}),
    "Round": (np.rint, {}),
    "Selu": (
        lambda x, alpha, gamma: gamma * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
        {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805},
    ),
    "Shrink": (
        lambda x, bias, lambd: np.where(x < -lambd, x + bias, np.where(x > lambd, x - bias, 0)),
        {"bias": 0.0, "lambd": 0.5},
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
#: First opset of the operators that came after opset 7.
SINCE = {
    "Acosh": 9, "Asinh": 9, "Atanh": 9, "Celu": 12, "Cosh": 9, "Erf": 9, "Gelu": 20, "HardSwish": 14, "Mish": 18,
    "Round": 11, "Shrink": 9, "Sign": 9, "Sinh": 9, "Swish": 24, "ThresholdedRelu": 10,
}  # fmt: skip


@dataclass(frozen=True)
class Unary(TableOp):
    """y = function(x) for each element; attributes: the ONNX ones, as sorted pairs."""

    onnx_types = tuple(name for name in FUNCTIONS if name != "Pow")
    onnx_since = tuple(SINCE.items())
    contracts = (LutS8, ReshapeS8)

    function: str
    attributes: tuple[tuple[str, float | str], ...] = ()

    @limit_of("Gelu")
    @staticmethod
    def approximation(node: OnnxNode) -> str | None:
        """approximate none or tanh"""
        name = node.text("approximate", "none")
        return None if name in ("none", "tanh") else f"approximate '{name}'"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        return build.node(cls.from_onnx(node), [node.input(0)], names=node.output_names[:1])

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Unary:
        defaults = FUNCTIONS[node.op_type][1]
        given = {
            name: node.text(name, default) if isinstance(default, str) else float(node.attribute(name, default))
            for name, default in defaults.items()
        }
        return cls(node.op_type, tuple(sorted(given.items())))

    @property
    def mnemonic(self) -> str:
        return self.function.lower()

    def to_onnx(self) -> list[OnnxForm]:
        if self.function == "Pow":
            return [OnnxForm("Pow", {}, {1: np.array(dict(self.attributes)["exponent"], dtype=np.float32)})]
        return [OnnxForm(self.function, dict(self.attributes))]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        with np.errstate(all="ignore"):
            y = FUNCTIONS[self.function][0](x.astype(np.float64), **dict(self.attributes))
            return [y.astype(np.float32)]
