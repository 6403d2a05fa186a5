"""Element-wise kernels in portable C; a body for one ISA derives from its portable twin."""

import math
from abc import abstractmethod
from typing import ClassVar, TypeVar

from edgewright.cgen import Array, Fields
from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8, LutS8, MinMaxS8, MulS8, PreluS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.geometry.strides import contiguous, merged

BROADCAST_RANK = 4


def named(contract: Contract, *names: str) -> Fields:
    """The struct fields that carry a contract's attributes of the same names."""
    return {name: int(getattr(contract, name)) for name in names}


def broadcast_dims(c: AddS8 | MulS8 | MinMaxS8) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """The iteration space in as few dimensions as possible, and the strides of both operands in it."""
    return merged(c.out_shape, [repeating(c.out_shape, shape) for shape in (c.a_shape, c.b_shape)])


def repeating(out_shape: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides that read a contiguous `shape` as `out_shape`; 0 where it repeats."""
    wide = (1,) * (len(out_shape) - len(shape)) + tuple(shape)
    return tuple(0 if size == 1 else stride for size, stride in zip(wide, contiguous(wide), strict=True))


def broadcast_fields(c: AddS8 | MulS8 | MinMaxS8) -> Fields:
    """The `ew_broadcast_t` of an element-wise contract."""
    dims, (a, b) = broadcast_dims(c)
    missing = BROADCAST_RANK - len(dims)
    return {
        "dims": (1,) * missing + dims,
        "a_strides": (0,) * missing + a,
        "b_strides": (0,) * missing + b,
    }


def rank_refusal(c: AddS8 | MulS8 | MinMaxS8) -> str | None:
    rank = len(broadcast_dims(c)[0])
    return f"broadcasting over {rank} dimensions; supported: {BROADCAST_RANK}" if rank > BROADCAST_RANK else None


def shape_refusal(c: AddS8 | MulS8) -> str | None:
    same = math.prod(c.a_shape) == math.prod(c.b_shape) == math.prod(c.out_shape)
    return None if same else "the operands have different shapes"


def add_fields(c: AddS8) -> Fields:
    """The `ew_add_s8_t` of a sum."""
    fields = named(c, "a_mult", "b_mult", "offset", "shift", "act_min", "act_max")
    return {**fields, "n": math.prod(c.out_shape)}


def mul_fields(c: MulS8) -> Fields:
    """The `ew_mul_s8_t` of a product."""
    fields = named(c, "mult", "shift", "a_zero", "b_zero", "y_zero", "act_min", "act_max")
    return {**fields, "n": math.prod(c.out_shape)}


def broadcast_cost(c: AddS8 | MulS8 | MinMaxS8, per_element: float, per_row: float) -> float:
    """Instructions with broadcasting: a row is a run along the innermost dimension of `broadcast_dims`."""
    elements = math.prod(c.out_shape)
    return 80 + per_element * elements + per_row * elements / broadcast_dims(c)[0][-1]


Pair = TypeVar("Pair", bound=AddS8 | MulS8)


class _PairKernel(Kernel[Pair]):
    """Sums and products. struct: C type of the parameters. instructions: per element, and per call."""

    struct: ClassVar[str]
    instructions: ClassVar[tuple[float, float]]

    @abstractmethod
    def fields(self, contract: Pair) -> Fields:
        """The values of `struct`."""

    def limits(self, contract: Pair) -> str | None:
        return shape_refusal(contract)

    def calls(self, contract: Pair) -> list[KernelCall]:
        return [KernelCall(self.symbol, self.struct, self.fields(contract), inputs=(0, 1))]

    def cost(self, contract: Pair) -> float:
        per_element, per_call = self.instructions
        return per_element * math.prod(contract.out_shape) + per_call


class AddKernel(_PairKernel[AddS8]):
    """A sum of two values of one shape."""

    symbol = "ew_add_s8"
    struct = "ew_add_s8_t"
    sources: ClassVar[tuple[str, ...]] = ("c/ew_add_s8.c",)
    instructions = (14.7, 20.0)

    def fields(self, contract: AddS8) -> Fields:
        return add_fields(contract)


class AddBroadcastKernel(AddKernel):
    """A sum with broadcasting."""

    symbol = "ew_add_broadcast_s8"
    struct = "ew_add_broadcast_s8_t"
    sources: ClassVar[tuple[str, ...]] = ("c/ew_add_broadcast_s8.c",)

    def limits(self, contract: AddS8) -> str | None:
        return rank_refusal(contract)

    def fields(self, contract: AddS8) -> Fields:
        return {"add": add_fields(contract), "shape": broadcast_fields(contract)}

    def cost(self, contract: AddS8) -> float:
        return broadcast_cost(contract, 16.8, 38.0)


class MulKernel(_PairKernel[MulS8]):
    """A product of two values of one shape."""

    symbol = "ew_mul_s8"
    struct = "ew_mul_s8_t"
    sources: ClassVar[tuple[str, ...]] = ("c/ew_mul_s8.c",)
    instructions = (20.0, 29.0)

    def fields(self, contract: MulS8) -> Fields:
        return mul_fields(contract)


class MulBroadcastKernel(MulKernel):
    """A product with broadcasting."""

    symbol = "ew_mul_broadcast_s8"
    struct = "ew_mul_broadcast_s8_t"
    sources: ClassVar[tuple[str, ...]] = ("c/ew_mul_broadcast_s8.c",)

    def limits(self, contract: MulS8) -> str | None:
        return rank_refusal(contract)

    def fields(self, contract: MulS8) -> Fields:
        return {"mul": mul_fields(contract), "shape": broadcast_fields(contract)}

    def cost(self, contract: MulS8) -> float:
        return broadcast_cost(contract, 24.0, 33.0)


class MinMaxKernel(Kernel[MinMaxS8]):
    """The larger or smaller of two values, with broadcasting."""

    symbol = "ew_min_max_s8"
    sources = ("c/ew_min_max_s8.c",)

    def limits(self, contract: MinMaxS8) -> str | None:
        return rank_refusal(contract)

    def calls(self, contract: MinMaxS8) -> list[KernelCall]:
        fields: Fields = {"shape": broadcast_fields(contract), "is_max": int(contract.is_max)}
        return [KernelCall(self.symbol, "ew_min_max_s8_t", fields, inputs=(0, 1))]

    def cost(self, contract: MinMaxS8) -> float:
        return broadcast_cost(contract, 14.0, 30.0)


class LutKernel(Kernel[LutS8]):
    """Any function of one value, by table. table_align: bytes. instructions: per element, and per call."""

    symbol = "ew_lut_s8"
    sources: ClassVar[tuple[str, ...]] = ("c/ew_lut_s8.c",)
    table_align: ClassVar[int] = 4
    instructions: ClassVar[tuple[float, float]] = (6.0, 7.0)

    def calls(self, contract: LutS8) -> list[KernelCall]:
        fields: Fields = {"table": Array(contract.table.reshape(-1), self.table_align), "n": contract.n}
        return [KernelCall(self.symbol, "ew_lut_s8_t", fields)]

    def cost(self, contract: LutS8) -> float:
        return self.instructions[0] * contract.n + self.instructions[1]


class PreluKernel(Kernel[PreluS8]):
    """A slope per channel below zero."""

    symbol = "ew_prelu_s8"
    sources = ("c/ew_prelu_s8.c",)

    def calls(self, contract: PreluS8) -> list[KernelCall]:
        channels = contract.out_shape[-1]
        fields = {
            "negative_mult": Array(contract.negative_mult),
            "negative_sign": Array(contract.negative_sign),
            "n": math.prod(contract.out_shape) // channels,
            "channels": channels,
            **named(contract, "mult", "shift", "x_zero", "y_zero"),
        }
        return [KernelCall(self.symbol, "ew_prelu_s8_t", fields)]

    def cost(self, contract: PreluS8) -> float:
        elements = math.prod(contract.out_shape)
        return 21.5 * elements + 16.7 * elements / contract.out_shape[-1]
