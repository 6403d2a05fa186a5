"""Fixes the sizes that a model leaves open."""

from __future__ import annotations

from collections.abc import Mapping

from onnx import ValueInfoProto

from edgewright.errors import UsageError
from edgewright.frontend.names import one_line

Shape = tuple[int, ...]


def input_shape(info: ValueInfoProto, given: Mapping[str, Shape]) -> Shape:
    """The fixed shape of a graph input: its own, with an open batch (first of two or more sizes) taken as 1.

    given: shapes from the user, by input name.

    Raises:
        UsageError: another size is open, or the given shape contradicts a fixed one.
    """
    tensor = info.type.tensor_type
    declared = [d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None for d in tensor.shape.dim]
    name = one_line(info.name)
    if info.name in given:
        shape = given[info.name]
        if len(shape) != len(declared) and tensor.HasField("shape"):
            raise UsageError(f"--shape {name}: {len(shape)} sizes given, the model has {len(declared)}")
        for have, want in zip(declared, shape, strict=False):
            if have is not None and have != want:
                raise UsageError(f"--shape {name}: size {want} given, the model fixes {have}")
        if any(n < 1 for n in shape):
            raise UsageError(f"--shape {name}: sizes must be 1 or more, not {list(shape)}")
        return shape
    if len(declared) > 1 and declared[0] is None:
        declared[0] = 1
    if not tensor.HasField("shape") or any(n is None for n in declared):
        open_sizes = ",".join("?" if n is None else str(n) for n in declared)
        example = ",".join(
            "1" if n is None and i == 0 else "N" if n is None else str(n) for i, n in enumerate(declared)
        )
        raise UsageError(f"input '{name}': shape [{open_sizes}] is not fixed; give --shape {name}={example}")
    return tuple(n for n in declared if n is not None)
