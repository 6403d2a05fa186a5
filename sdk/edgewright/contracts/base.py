"""The base of every integer contract."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class NumberFormat:
    """How a contract's weights and activations are stored; weights: "int8" where it has none."""

    weights: str = "int8"
    activations: str = "int8"

    def __str__(self) -> str:
        return f"weights {self.weights}, activations {self.activations}"


@dataclass(frozen=True, eq=False)
class Contract(ABC):
    """An integer operation with a bit-exact reference."""

    @property
    def number_format(self) -> NumberFormat:
        """What a kernel must declare in `formats` to be given this contract."""
        return NumberFormat()

    @property
    def in_place(self) -> tuple[int, ...]:
        """Inputs whose memory the output may reuse: of its size, each element read before it is written."""
        return ()

    @property
    def mnemonic(self) -> str:
        """The name in reports: the class name in lower case with underscores, `conv_s8`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    @abstractmethod
    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        """The output for `inputs`, exactly as every kernel must give it."""

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one execution; 0 where the term means nothing."""
        return 0
