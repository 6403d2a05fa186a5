"""Depthwise convolutions on Armv7E-M and Armv8-M with the DSP extension."""

from typing import ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts import Contract
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.conv import conv_fields


def column_records(c: DepthwiseS8) -> np.ndarray:
    """Per output channel the bytes (w0, w1, w1, w2) of each kernel column, bias and mult; uint32 [out_c, 5]."""
    columns = c.weights[[0, 1, 1, 2]].transpose(2, 1, 0)  # [out_c, column, 4]
    words = np.ascontiguousarray(columns).view(np.uint32).reshape(-1, 3)
    tail = np.stack([c.bias, c.mult], axis=1).astype(np.int32).view(np.uint32)
    return np.concatenate([words, tail], axis=1)


class _Depthwise3x3Dsp(Kernel):
    """Depthwise 3x3 through planes of row pairs, four channels at a time."""

    isa = "dsp"
    stride: ClassVar[int]

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, DepthwiseS8)
        window, stride = contract.window, (self.stride, self.stride)
        if window.kernel != (3, 3) or window.stride != stride or window.dilation != (1, 1):
            return (
                f"kernel {window.kernel}, stride {window.stride}, dilation {window.dilation}; "
                f"supported: 3x3, stride {stride}, dilation 1"
            )
        if window.pad[1] >= self._plane_columns(contract):
            return f"padding {window.pad} leaves no column; supported: less than the width of the windows"
        return f"requantization shift {contract.shift}; supported: 0" if contract.shift else None

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, DepthwiseS8)
        fields = conv_fields(contract, Array(column_records(contract).reshape(-1)), 0, 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, DepthwiseS8)
        return 8 * min(contract.in_shape[2], 4) * self._plane_columns(contract)

    def in_place(self, contract: Contract) -> tuple[int, ...]:
        assert isinstance(contract, DepthwiseS8)
        return (0,) if contract.in_shape == contract.out_shape else ()

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, DepthwiseS8)
        out_h, out_w, out_c = contract.out_shape
        steps, words = (out_h + 1) // 2 if self.stride == 1 else out_h, self._plane_columns(contract)
        per_pair, per_row = (49, 33) if self.stride == 1 else (31, 27)
        rows = steps * out_c * (per_pair * (out_w // 2) + per_row)
        return float(200 + rows + (steps + 1) * contract.in_shape[2] * (4.2 * words + 22))

    def _plane_columns(self, contract: DepthwiseS8) -> int:
        return (contract.out_shape[1] - 1) * self.stride + 3


class Depthwise3x3Stride1Dsp(_Depthwise3x3Dsp):
    """Depthwise 3x3 of stride 1."""

    contract = DepthwiseS8
    symbol = "ew_depthwise_3x3_s1_s8__dsp"
    stride = 1
    sources = (
        "dsp/ew_depthwise_3x3_s1_s8__dsp.c",
        "dsp/ew_dw3x3_dsp.c",
        "dsp/ew_dw3x3_rows_dsp.S",
        "dsp/ew_clamp_s8_dsp.c",
    )


class Depthwise3x3Stride2Dsp(_Depthwise3x3Dsp):
    """Depthwise 3x3 of stride 2."""

    contract = DepthwiseS8
    symbol = "ew_depthwise_3x3_s2_s8__dsp"
    stride = 2
    sources = (
        "dsp/ew_depthwise_3x3_s2_s8__dsp.c",
        "dsp/ew_dw3x3_dsp.c",
        "dsp/ew_dw3x3_rows_dsp.S",
        "dsp/ew_clamp_s8_dsp.c",
    )
