"""What can stand in a generated parameter struct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np


@dataclass(frozen=True, eq=False)
class Array:
    """A constant array that a struct field points to.

    data: one-dimensional, of the element type that C shall see (int8, uint16, int32, uint32 ...).
    align: bytes; at least the size of an element.
    """

    data: np.ndarray
    align: int = 4

    def key(self) -> tuple[str, int, bytes]:
        """Equal arrays have equal keys, so that each is emitted once."""
        return self.data.dtype.str, self.align, self.data.tobytes()


#: An integer; a pointer to an array; an array inside the struct; a struct inside the struct.
FieldValue: TypeAlias = "int | Array | tuple[int, ...] | Mapping[str, FieldValue]"
Fields: TypeAlias = Mapping[str, FieldValue]
