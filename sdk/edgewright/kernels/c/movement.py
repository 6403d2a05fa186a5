"""Data movement kernels in portable C."""

import math

from edgewright.cgen import Array, Fields
from edgewright.contracts.movement import Copy, CopyS8, GatherS8, ReshapeS8, ResizeLinearS8, RowsS8, StackRowsS8
from edgewright.kernels.base import C, Kernel, KernelCall
from edgewright.kernels.c.elementwise import named
from edgewright.kernels.geometry.strides import merged

COPY_RANK = 6


def simplified(copy: Copy) -> Copy:
    """The same copy in as few dimensions as possible, the longest run of the output innermost.

    The order of iteration is free, as no output element is written twice.
    """
    order = sorted(range(len(copy.dims)), key=lambda k: -abs(copy.y_strides[k]))
    dims = [copy.dims[k] for k in order]
    strides = [tuple(s[k] for k in order) for s in (copy.x_strides, copy.y_strides)]
    sizes, (x, y) = merged(dims, strides)
    return Copy(sizes, x, y, copy.x_offset, copy.y_offset)


def copy_fields(copy: Copy) -> Fields:
    """The `ew_copy_s8_t` of one copy."""
    missing = COPY_RANK - len(copy.dims)
    return {
        "dims": (1,) * missing + copy.dims,
        "x_strides": (0,) * missing + copy.x_strides,
        "y_strides": (0,) * missing + copy.y_strides,
        "x_offset": copy.x_offset,
        "y_offset": copy.y_offset,
    }


class CopyKernel(Kernel[CopyS8]):
    """Any strided copies, one call for each input and one before them for the fill."""

    symbol = "ew_copy_s8"
    sources = ("c/ew_copy_s8.c", "c/ew_fill_s8.c")

    def limits(self, contract: CopyS8) -> str | None:
        rank = max(len(simplified(copy).dims) for copy in contract.copies)
        return f"a copy over {rank} dimensions; supported: {COPY_RANK}" if rank > COPY_RANK else None

    def calls(self, contract: CopyS8) -> list[KernelCall]:
        calls: list[KernelCall] = []
        if contract.fill is not None:
            fields: Fields = {"n": math.prod(contract.out_shape), "value": contract.fill}
            calls.append(KernelCall("ew_fill_s8", "ew_fill_s8_t", fields, inputs=()))
        for k, copy in enumerate(contract.copies):
            if math.prod(copy.dims):
                calls.append(KernelCall(self.symbol, "ew_copy_s8_t", copy_fields(simplified(copy)), inputs=(k,)))
        return calls

    def cost(self, contract: CopyS8) -> float:
        """Counted: memcpy of each run of bytes, a loop where there are steps between them."""
        total = 0.0 if contract.fill is None else 0.45 * math.prod(contract.out_shape)
        for copy in map(simplified, contract.copies):
            elements = math.prod(copy.dims)
            rows = elements / copy.dims[-1] if elements else 0.0
            joined = copy.x_strides[-1] == copy.y_strides[-1] == 1
            total += 525 + (44 * rows + 0.41 * elements if joined else 26.5 * rows + 7.9 * elements)
        return total


class _Free(Kernel[C]):
    """Nothing to do: the planner puts input and output where they are the same memory."""

    symbol = ""
    sources = ()

    def calls(self, contract: C) -> list[KernelCall]:
        return []


class ReshapeKernel(_Free[ReshapeS8]):
    """Another shape of the same memory."""


class RowsKernel(_Free[RowsS8]):
    """A part of the same memory."""


class StackRowsKernel(_Free[StackRowsS8]):
    """The strips lie where the output is."""

    def overlap_bytes(self, contract: StackRowsS8) -> int | None:
        return contract.distance


class GatherKernel(Kernel[GatherS8]):
    """Any selection of constant indices along one axis."""

    symbol = "ew_gather_s8"
    sources = ("c/ew_gather_s8.c",)

    def calls(self, contract: GatherS8) -> list[KernelCall]:
        fields: Fields = {
            "indices": Array(contract.indices.reshape(-1)),
            "count": contract.indices.size,
            **named(contract, "outer", "n", "inner"),
        }
        return [KernelCall(self.symbol, "ew_gather_s8_t", fields)]

    def cost(self, contract: GatherS8) -> float:
        return contract.outer * (11 + contract.indices.size * (27.5 + 0.63 * contract.inner))


class ResizeLinearKernel(Kernel[ResizeLinearS8]):
    """Any bilinear resize."""

    symbol = "ew_resize_linear_s8"
    sources = ("c/ew_resize_linear_s8.c",)

    def calls(self, contract: ResizeLinearS8) -> list[KernelCall]:
        tables = ("row_index", "row_weight", "col_index", "col_weight")
        fields: Fields = {
            **{name: Array(getattr(contract, name)) for name in tables},
            **dict(zip(("in_h", "in_w", "channels"), contract.in_shape, strict=True)),
            **dict(zip(("out_h", "out_w"), contract.out_shape[:2], strict=True)),
        }
        return [KernelCall(self.symbol, "ew_resize_linear_s8_t", fields)]

    def cost(self, contract: ResizeLinearS8) -> float:
        out_h, out_w, channels = contract.out_shape
        return float(out_h * (21 + out_w * (20 + 25 * channels)))
