"""Convolutions on Armv7E-M and Armv8-M with the DSP extension; packing in `dsp_packing`."""

from typing import TypeAlias

from edgewright.cgen import Array
from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.conv import conv_fields
from edgewright.kernels.dsp_packing import k_pairs, pair_stream

GEMM_SOURCES = (
    "dsp/ew_gemm_dsp.c",
    "dsp/ew_gemm_px4_dsp.S",
    "dsp/ew_gemm_px1_dsp.S",
    "dsp/ew_widen_px4_dsp.S",
    "dsp/ew_clamp_s8_dsp.c",
)
Gemm: TypeAlias = ConvS8 | FcS8
#: Padded inputs of up to so many bytes are copied to scratch.
PADDED_MAX = 1024


def shift_refusal(contract: Gemm) -> str | None:
    """SMMLAR requantizes without a shift."""
    return f"requantization shift {contract.shift}; supported: 0" if contract.shift else None


def kpairs_of(runs: int, length: int) -> int:
    """`ew_gemm_kpairs` of the C side."""
    return runs * (length // 4) * 2 + (runs * (length % 4) + 1) // 2


def gemm_instructions(pixels: int, kpairs: int, out_c: int) -> float:
    """Instructions of the GEMM alone: measured 12 per K pair, 43 per channel pair and 30 per block of 4 pixels."""
    blocks, tail = divmod(pixels, 4)
    pairs = (out_c + 1) // 2
    block = pairs * (12 * kpairs + 3 * ((kpairs + 6) // 8) + 40) + 40
    single = pairs * (4.2 * kpairs + 20) + 40
    return float(blocks * block + tail * single)


class _PairGemm(Kernel):
    """A convolution of groups 1 as a pair-weight GEMM over windows of `runs` pieces."""

    isa = "dsp"

    def runs(self, contract: ConvS8) -> tuple[int, int]:
        """Number and length in bytes of the contiguous pieces of a window."""
        raise NotImplementedError

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, ConvS8)
        weights = contract.weights.reshape(contract.out_shape[2], -1)
        stream = pair_stream(weights, contract.bias, contract.mult, k_pairs(*self.runs(contract)))
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, Array(stream), 0, 0))]


class Conv1x1Dsp(_PairGemm):
    """1x1 convolution of stride 1."""

    contract = ConvS8
    symbol = "ew_conv_1x1_s8__dsp"
    sources = ("dsp/ew_conv_1x1_s8__dsp.c", *GEMM_SOURCES)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, ConvS8)
        window = contract.window
        if window.kernel != (1, 1) or window.stride != (1, 1) or window.pad != (0, 0):
            return f"kernel {window.kernel}, stride {window.stride}, pad {window.pad}; supported: 1x1, stride 1, pad 0"
        if contract.out_shape[:2] != contract.in_shape[:2]:
            return f"output {contract.out_shape[:2]} of input {contract.in_shape[:2]}; supported: equal"
        if contract.groups != 1:
            return f"groups {contract.groups}; supported: 1"
        return shift_refusal(contract)

    def runs(self, contract: ConvS8) -> tuple[int, int]:
        return 1, contract.in_shape[2]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, ConvS8)
        pixels = contract.out_shape[0] * contract.out_shape[1]
        return ((16 if pixels >= 4 else 4) * kpairs_of(*self.runs(contract)) + 7) // 8 * 8

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        pixels, in_c = contract.out_shape[0] * contract.out_shape[1], contract.in_shape[2]
        return 150 + pixels * (10 + 1.5 * in_c) + gemm_instructions(pixels, kpairs_of(1, in_c), contract.out_shape[2])


class ConvDsp(_PairGemm):
    """Any convolution of groups 1: windows of four pixels are gathered for the GEMM."""

    contract = ConvS8
    symbol = "ew_conv_s8__dsp"
    sources = ("dsp/ew_conv_s8__dsp.c", *GEMM_SOURCES)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, ConvS8)
        if contract.groups != 1:
            return f"groups {contract.groups}; supported: 1"
        return shift_refusal(contract)

    def runs(self, contract: ConvS8) -> tuple[int, int]:
        (k_h, k_w), in_c = contract.window.kernel, contract.in_shape[2]
        return (k_h, k_w * in_c) if contract.window.dilation[1] == 1 else (k_h * k_w, in_c)

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, ConvS8)
        runs, length = self.runs(contract)
        windows = 16 * kpairs_of(runs, length)
        rows, cols = (
            (out - 1) * stride + (kernel - 1) * dilation + 1
            for out, stride, kernel, dilation in zip(
                contract.out_shape[:2],
                contract.window.stride,
                contract.window.kernel,
                contract.window.dilation,
                strict=True,
            )
        )
        in_h, in_w, in_c = contract.in_shape
        if contract.window.pad == (0, 0) and rows <= in_h and cols <= in_w:
            return windows
        padded = rows * cols * in_c
        return windows + ((padded if padded <= PADDED_MAX else 4 * ((length + 3) // 4 * 4)) + 7) // 8 * 8

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        runs, length = self.runs(contract)
        pixels = contract.out_shape[0] * contract.out_shape[1]
        gather = pixels * (20 + runs * (8 + 1.7 * length))
        return 200 + gather + gemm_instructions(pixels, kpairs_of(runs, length), contract.out_shape[2])
