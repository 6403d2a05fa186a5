"""The limit of everything that works element by element on several values."""

from __future__ import annotations

import numpy as np

from edgewright.ops.limits import limit
from edgewright.ops.onnx_node import OnnxNode

#: Operators that take a single value, too.
OF_ANY_NUMBER = ("Max", "Min")


@limit
def shapes_broadcast(node: OnnxNode) -> str | None:
    """shapes that broadcast as in NumPy"""
    least = 1 if node.op_type in OF_ANY_NUMBER else 2
    shapes = [node.input(k).shape for k in range(max(least, len(node.inputs)))]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return f"shapes {' and '.join(str(list(s)) for s in shapes)}"
    return None
