"""Functions of one value in PyTorch, by their ONNX names: those of `ops.unary` that have a useful gradient.

Rounding functions (Ceil, Floor, Round, Sign) are left out on purpose: nothing can be learned through them.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def _shrink(x: Tensor, bias: float, lambd: float) -> Tensor:
    return torch.where(x < -lambd, x + bias, torch.where(x > lambd, x - bias, torch.zeros_like(x)))


#: Source: the function bodies in the ONNX operator documentation, opset 20.
UNARY: dict[str, Callable[..., Tensor]] = {
    "Abs": torch.abs,
    "Acos": torch.acos,
    "Acosh": torch.acosh,
    "Asin": torch.asin,
    "Asinh": torch.asinh,
    "Atan": torch.atan,
    "Atanh": torch.atanh,
    "Celu": lambda x, alpha: functional.celu(x, alpha),
    "Cos": torch.cos,
    "Cosh": torch.cosh,
    "Elu": lambda x, alpha: functional.elu(x, alpha),
    "Erf": torch.erf,
    "Exp": torch.exp,
    "Gelu": lambda x, approximate: functional.gelu(x, approximate=approximate),
    "HardSigmoid": lambda x, alpha, beta: torch.clamp(alpha * x + beta, 0, 1),
    "HardSwish": lambda x: x * torch.clamp(x / 6 + 0.5, 0, 1),
    "LeakyRelu": lambda x, alpha: torch.where(x < 0, alpha * x, x),
    "Log": torch.log,
    "Mish": functional.mish,
    "Neg": torch.neg,
    "Pow": lambda x, exponent: torch.pow(x, exponent),
    "Reciprocal": torch.reciprocal,
    "Selu": lambda x, alpha, gamma: gamma * torch.where(x > 0, x, alpha * torch.expm1(torch.clamp(x, max=0))),
    "Shrink": _shrink,
    "Sigmoid": torch.sigmoid,
    "Sin": torch.sin,
    "Sinh": torch.sinh,
    "Softplus": functional.softplus,
    "Softsign": lambda x: x / (1 + torch.abs(x)),
    "Sqrt": torch.sqrt,
    "Swish": lambda x, alpha: x * torch.sigmoid(alpha * x),
    "Tan": torch.tan,
    "Tanh": torch.tanh,
    "ThresholdedRelu": lambda x, alpha: torch.where(x > alpha, x, torch.zeros_like(x)),
}
