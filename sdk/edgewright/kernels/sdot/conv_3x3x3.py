"""First layers: 3x3 convolutions of three channels with SDOT.

The packing of `ew_conv_3x3x3_s8__sdot`: where the bytes of a window are in three vectors, one of each row, int8
[2][32] for two neighbouring pixels; then outputs in blocks of eight, the last one moved back: for each four bytes of
the window those of its outputs, its bias for each of the pixels, half of its mult.
"""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.kernels.advsimd.packing import OCTET, as_bytes, block_outputs, matrix
from edgewright.kernels.advsimd.panel import panel_bytes, panel_rows
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.geometry.overlap import overlap_bytes, row_groups
from edgewright.kernels.sdot.output import narrow_refusal

VECTOR = 16
#: TBL gives zero for a place that is in no vector.
NOWHERE = -1
ROWS, CHANNELS = 3, 3
RUN = 3 * CHANNELS
#: Four bytes of a window to a step.
STEPS = 7


def window_places(c: ConvS8) -> np.ndarray:
    """Where TBL finds the windows of two pixels, int8 [2, 32]."""
    first = (np.arange(ROWS)[:, None] * VECTOR + np.arange(RUN)).reshape(-1)
    places = np.full((2, 2 * VECTOR), NOWHERE, np.int8)
    places[0, : first.size] = first
    places[1, : first.size] = first + c.window.stride[1] * CHANNELS
    return places


def pack_3x3x3(c: ConvS8) -> Array:
    weights = matrix(c)
    fours = np.pad(weights, ((0, 0), (0, 4 * STEPS - weights.shape[1]))).reshape(len(weights), STEPS, 4)
    parts: list[np.ndarray] = [window_places(c).reshape(-1)]
    for outputs in block_outputs(len(weights), OCTET):
        parts.append(fours[outputs].swapaxes(0, 1).reshape(-1))
        parts += [as_bytes(np.tile(c.bias[outputs], 2)), as_bytes(c.mult[outputs] // 2)]
    return Array(np.concatenate(parts), VECTOR)


class Conv3x3x3Kernel(Kernel[ConvS8]):
    """3x3 convolution of three channels, horizontal stride 1 or 2, 8 and more outputs, two pixels at a time."""

    symbol = "ew_conv_3x3x3_s8__sdot"
    sources = ("sdot/ew_conv_3x3x3_s8__sdot.c", "sdot/ew_conv_3x3x3_core__sdot.S")

    def limits(self, contract: ConvS8) -> str | None:
        window, channels = contract.window, contract.in_shape[2]
        if window.kernel != (3, 3) or window.dilation != (1, 1) or contract.groups != 1:
            return (
                f"kernel {window.kernel}, dilation {window.dilation}, {contract.groups} groups; "
                "supported: (3, 3), (1, 1), 1"
            )
        if channels != CHANNELS or window.stride[1] * CHANNELS + RUN > VECTOR:
            return f"{channels} channels, horizontal stride {window.stride[1]}; supported: {CHANNELS}, 1 or 2"
        if contract.out_shape[2] < OCTET:
            return f"{contract.out_shape[2]} outputs; supported: {OCTET} and more"
        return narrow_refusal(matrix(contract), contract.bias, contract.mult, contract.shift)

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        return packed_call(self.symbol, contract, pack_3x3x3(contract))

    def scratch_bytes(self, contract: ConvS8) -> int:
        return panel_bytes(contract)

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        panels = row_groups(contract.out_shape, panel_rows(contract))
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, panels, copied=True)

    def cost(self, contract: ConvS8) -> float:
        out_h, out_w, out_c = contract.out_shape
        blocks = len(block_outputs(out_c, OCTET))
        panels = -(-out_h // panel_rows(contract))
        return float(out_h * (blocks * (-(-out_w // 2) * 50 + 24) + 120) + 200 * panels + 200)
