"""Depthwise convolutions on Armv7E-M and Armv8-M with the DSP extension."""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts import Contract
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.conv import conv_fields

#: Plane words of a column and channel, as in `ew_depthwise_3x3_s8__dsp.c`.
SLOTS = 8


def column_records(c: DepthwiseS8) -> np.ndarray:
    """Per output channel the bytes (w0, w1, w1, w2) of each kernel column, bias and mult; uint32 [out_c, 5]."""
    columns = c.weights[[0, 1, 1, 2]].transpose(2, 1, 0)  # [out_c, column, 4]
    words = np.ascontiguousarray(columns).view(np.uint32).reshape(-1, 3)
    tail = np.stack([c.bias, c.mult], axis=1).astype(np.int32).view(np.uint32)
    return np.concatenate([words, tail], axis=1)


class Depthwise3x3Dsp(Kernel):
    """Depthwise 3x3 of stride 1 through planes of row pairs, four channels at a time."""

    contract = DepthwiseS8
    symbol = "ew_depthwise_3x3_s8__dsp"
    isa = "dsp"
    sources = ("dsp/ew_depthwise_3x3_s8__dsp.c", "dsp/ew_dw3x3_dsp.S", "dsp/ew_clamp_s8_dsp.c")

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, DepthwiseS8)
        window = contract.window
        if window.kernel != (3, 3) or window.stride != (1, 1) or window.dilation != (1, 1):
            return (
                f"kernel {window.kernel}, stride {window.stride}, dilation {window.dilation}; "
                "supported: 3x3, stride 1, dilation 1"
            )
        if window.pad[1] >= contract.out_shape[1] + 2:
            return f"padding {window.pad} leaves no column; supported: less than the width of the output + 2"
        if contract.in_shape[2] < 4:
            return f"{contract.in_shape[2]} channels; supported: 4 or more"
        return f"requantization shift {contract.shift}; supported: 0" if contract.shift else None

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, DepthwiseS8)
        fields = conv_fields(contract, Array(column_records(contract).reshape(-1)), 0, 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, DepthwiseS8)
        return 16 * SLOTS * (contract.out_shape[1] + 2)

    def in_place(self, contract: Contract) -> tuple[int, ...]:
        assert isinstance(contract, DepthwiseS8)
        return (0,) if contract.in_shape == contract.out_shape else ()

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, DepthwiseS8)
        out_h, out_w, out_c = contract.out_shape
        steps = (out_h + 1) // 2
        bands = -(-steps // (SLOTS - 1))
        down = (out_w // 2) * (49 * steps + 20 * bands) + (out_w % 2) * (27 * steps + 15 * bands) + 30 * bands
        return float(200 + out_c * down + contract.in_shape[2] * (steps + 1) * (3 * out_w + 15))
