"""Convolutions by the DSP instructions of Armv6, Armv7E-M and Armv8-M; packing in `dsp.packing`.

Three forms of weights: pair weights take a byte each; 16-bit weights are 6 to 16 % faster; 4-bit weights, in `dsp.w4`,
take half a byte. The price of flash decides.
"""

import math
from typing import ClassVar, TypeAlias

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.dsp.packing import Form, Layer, k_pairs, stream
from edgewright.kernels.geometry.inside import edge_pixels
from edgewright.kernels.geometry.limits import groups_refusal, shift_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped

Gemm: TypeAlias = ConvS8 | FcS8
CORE_SOURCES = ("dsp/ew_gemm__dsp.c", "dsp/ew_widen_px4__dsp.S", "dsp/ew_bytes__dsp.c", "dsp/ew_clamp__dsp.c")
FORM_SOURCES: dict[Form, tuple[str, ...]] = {
    "pair": ("dsp/ew_gemm_pair__dsp.c", "dsp/ew_gemm_px1__dsp.S", "dsp/ew_gemm_px4__dsp.S", *CORE_SOURCES),
    "w16": ("dsp/ew_gemm_w16__dsp.c", "dsp/ew_gemm_px4__dsp.S", *CORE_SOURCES),
    "w4": ("dsp/ew_gemm_w4__dsp.c", "dsp/ew_gemm_w4_px4__dsp.S", *CORE_SOURCES),
}
#: Padded inputs of up to so many bytes are copied to scratch.
PADDED_MAX = 1024


def kpairs_of(runs: int, length: int) -> int:
    """`ew_gemm_kpairs` of the C side."""
    return runs * (length // 4) * 2 + (runs * (length % 4) + 1) // 2


class GemmKernel(Kernel[ConvS8]):
    """A convolution of groups 1 as a GEMM over windows that are cut into contiguous runs."""

    form: ClassVar[Form] = "pair"
    lane: ClassVar[type[np.signedinteger] | None] = np.int8

    def limits(self, contract: ConvS8) -> str | None:
        return self.shape_refusal(contract) or self.weight_refusal(contract)

    def shape_refusal(self, contract: ConvS8) -> str | None:
        """What this body cannot do about the window."""
        return groups_refusal(contract)

    def weight_refusal(self, contract: ConvS8) -> str | None:
        """Why the form of weights cannot hold the layer."""
        return shift_refusal(contract.shift)

    def packed(self, contract: ConvS8) -> np.ndarray:
        """The weight stream: uint32 [words]."""
        return stream(layer_of(contract), k_pairs(*self.runs(contract)), self.form)

    def runs(self, contract: ConvS8) -> tuple[int, int]:
        """Number and length in bytes of the contiguous pieces of a window."""
        (k_h, k_w), in_c = contract.window.kernel, contract.in_shape[2]
        return (k_h, k_w * in_c) if contract.window.dilation[1] == 1 else (k_h * k_w, in_c)

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        return packed_call(self.symbol, contract, Array(self.packed(contract)))

    def gemm_instructions(self, contract: ConvS8) -> float:
        """Instructions of the GEMM alone, as counted in the assembly."""
        kpairs, pairs = kpairs_of(*self.runs(contract)), (contract.out_shape[2] + 1) // 2
        blocks, tail = divmod(pixels_of(contract), 4)
        rounds = 3 * ((kpairs + 14) // 16)
        if self.form == "w16":
            return float((blocks + tail) * (pairs * (11 * kpairs + rounds + 33) + 60))
        return float(blocks * (pairs * (12 * kpairs + rounds + 41) + 60) + tail * (pairs * (4.2 * kpairs + 20) + 40))


class Conv1x1Kernel(GemmKernel):
    """1x1 convolution of stride 1."""

    symbol = "ew_conv_1x1_s8__dsp"
    sources: ClassVar[tuple[str, ...]] = (
        *("dsp/ew_conv_1x1_s8__dsp.c", "dsp/ew_conv_1x1_driver__dsp.c"),
        *FORM_SOURCES["pair"],
    )

    def shape_refusal(self, contract: ConvS8) -> str | None:
        window = contract.window
        if window.kernel != (1, 1) or window.stride != (1, 1) or window.pad != (0, 0):
            return f"kernel {window.kernel}, stride {window.stride}, pad {window.pad}; supported: 1x1, stride 1, pad 0"
        if contract.out_shape[:2] != contract.in_shape[:2]:
            return f"output {contract.out_shape[:2]} of input {contract.in_shape[:2]}; supported: equal"
        return super().shape_refusal(contract)

    def runs(self, contract: ConvS8) -> tuple[int, int]:
        return 1, contract.in_shape[2]

    def scratch_bytes(self, contract: ConvS8) -> int:
        lanes = 4 if pixels_of(contract) >= 4 or self.form != "pair" else 1
        return (4 * lanes * kpairs_of(*self.runs(contract)) + 7) // 8 * 8

    def in_place(self, contract: ConvS8) -> tuple[int, ...]:
        return (0,) if contract.in_shape == contract.out_shape else ()

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        return max(0, pixels_of(contract) * (contract.out_shape[2] - contract.in_shape[2]))

    def cost(self, contract: ConvS8) -> float:
        return 150 + pixels_of(contract) * (4 + 1.05 * contract.in_shape[2]) + self.gemm_instructions(contract)


class Conv1x1W16Kernel(Conv1x1Kernel):
    """1x1 convolution of stride 1, weights of 16 bits."""

    symbol = "ew_conv_1x1_w16_s8__dsp"
    form = "w16"
    lane = np.int16
    sources = ("dsp/ew_conv_1x1_w16_s8__dsp.c", "dsp/ew_conv_1x1_driver__dsp.c", *FORM_SOURCES["w16"])


class ConvKernel(GemmKernel):
    """Any convolution of groups 1: windows of four pixels are gathered for the GEMM."""

    symbol = "ew_conv_s8__dsp"
    sources: ClassVar[tuple[str, ...]] = (
        *("dsp/ew_conv_s8__dsp.c", "dsp/ew_conv_driver__dsp.c"),
        *FORM_SOURCES["pair"],
    )

    def scratch_bytes(self, contract: ConvS8) -> int:
        runs, length = self.runs(contract)
        windows, padded = 16 * kpairs_of(runs, length), padded_bytes(contract)
        beside = padded if padded <= PADDED_MAX else 4 * ((length + 3) // 4 * 4)
        return windows + (beside + 7) // 8 * 8

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        if 0 < padded_bytes(contract) <= PADDED_MAX:
            return 0
        steps = four_pixels(pixels_of(contract))
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, steps, copied=True)

    def cost(self, contract: ConvS8) -> float:
        runs, length = self.runs(contract)
        pixels, edge = pixels_of(contract), 0.0
        if padded_bytes(contract) > PADDED_MAX:
            edge = 130.0 * edge_pixels(contract) * runs
        return 300 + edge + pixels * (25 + runs * (3 + 1.1 * length)) + self.gemm_instructions(contract)


class ConvW16Kernel(ConvKernel):
    """Any convolution of groups 1 with weights of 16 bits."""

    symbol = "ew_conv_w16_s8__dsp"
    form = "w16"
    lane = np.int16
    sources = ("dsp/ew_conv_w16_s8__dsp.c", "dsp/ew_conv_driver__dsp.c", *FORM_SOURCES["w16"])


def layer_of(c: Gemm) -> Layer:
    """Weights as [outputs, K], biases and multipliers."""
    return c.weights.reshape(c.weights.shape[0], -1), c.bias, c.mult


def padded_bytes(c: ConvS8) -> int:
    """Size of the input with the padding that its windows see; 0 when they see none."""
    return 0 if c.stays_inside else math.prod(c.window.reach(*c.out_shape[:2])) * c.in_shape[2]


def four_pixels(pixels: int) -> list[tuple[int, int]]:
    """All pixels, four at a time and those that are left one by one."""
    whole = pixels // 4 * 4
    return stepped(whole, 4) + [(pixel, pixel + 1) for pixel in range(whole, pixels)]


def pixels_of(contract: ConvS8) -> int:
    return contract.out_shape[0] * contract.out_shape[1]
