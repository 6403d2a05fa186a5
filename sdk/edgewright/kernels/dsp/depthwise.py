"""Depthwise convolutions by the DSP instructions of Armv6, Armv7E-M and Armv8-M."""

from typing import ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import conv_fields
from edgewright.kernels.geometry.inside import edge_pixels, inside_counts
from edgewright.kernels.geometry.limits import shift_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped

#: Narrow and tall planes may have this many bytes.
TALL_BYTES = 2048
PLANE_SOURCES = ("dsp/ew_dw_planes__dsp.c", "dsp/ew_dw3x3_planes__dsp.S", "dsp/ew_clamp__dsp.c")
#: Bytes of a kernel column of k taps: SXTB16 makes pairs of every other one.
COLUMN_BYTES = {3: [0, 1, 1, 2], 5: [0, 2, 1, 3, 1, 3, 2, 4]}
PIXEL_SOURCES = (
    *("dsp/ew_depthwise_driver__dsp.c", "dsp/ew_dw_px__dsp.S"),
    *("dsp/ew_bytes__dsp.c", "dsp/ew_clamp__dsp.c"),
)


def column_records(c: DepthwiseS8) -> np.ndarray:
    """Per output channel the bytes of each kernel column, bias and mult; uint32 [out_c, words]."""
    columns = c.weights[COLUMN_BYTES[c.window.kernel[0]]].transpose(2, 1, 0)  # [out_c, column, bytes]
    words = np.ascontiguousarray(columns).reshape(len(columns), -1).view(np.uint32)
    tail = np.stack([c.bias, c.mult], axis=1).astype(np.int32).view(np.uint32)
    return np.concatenate([words, tail], axis=1)


class Depthwise3x3Kernel(Kernel[DepthwiseS8]):
    """Depthwise 3x3 of stride 1 through planes of row pairs, four channels at a time."""

    symbol = "ew_depthwise_3x3_s8__dsp"
    lane = np.int8
    sources: ClassVar[tuple[str, ...]] = ("dsp/ew_depthwise_3x3_s8__dsp.c", *PLANE_SOURCES)
    kernel: ClassVar[int] = 3
    slots: ClassVar[int] = 8

    def limits(self, contract: DepthwiseS8) -> str | None:
        window, kernel = contract.window, (self.kernel, self.kernel)
        if window.kernel != kernel or window.stride != (1, 1) or window.dilation != (1, 1):
            return (
                f"kernel {window.kernel}, stride {window.stride}, dilation {window.dilation}; "
                f"supported: {kernel}, stride 1, dilation 1"
            )
        if window.pad[1] >= self.plane_columns(contract):
            return f"padding {window.pad} leaves no column; supported: less than the width of the windows"
        if contract.in_shape[2] < 4:
            return f"{contract.in_shape[2]} channels; supported: 4 or more"
        return shift_refusal(contract.shift)

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        fields = conv_fields(contract, Array(column_records(contract).reshape(-1)), 0, 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        return 16 * self.slots * self.plane_columns(contract)

    def in_place(self, contract: DepthwiseS8) -> tuple[int, ...]:
        return (0,) if contract.in_shape == contract.out_shape else ()

    def cost(self, contract: DepthwiseS8) -> float:
        out_h, out_w, out_c = contract.out_shape
        steps = (out_h + 1) // 2
        bands = -(-steps // (self.slots - self.kernel // 2))
        down = self.column_instructions(out_w, steps, bands)
        planes = contract.in_shape[2] * ((steps + bands) * (4.2 * out_w + 8) + 60)
        return float(500 + out_c * (down + 40) + planes)

    def column_instructions(self, out_w: int, steps: int, bands: int) -> int:
        """Of the columns of one channel: of all steps, and beside them once in each band."""
        return (out_w // 2) * (48 * steps + 12 * bands) + (out_w % 2) * (25 * steps + 10 * bands)

    def plane_columns(self, contract: DepthwiseS8) -> int:
        return contract.out_shape[1] + self.kernel - 1


class Depthwise3x3TallKernel(Depthwise3x3Kernel):
    """The same for narrow and tall outputs, in bands of 30 rows instead of 14."""

    symbol = "ew_depthwise_3x3_tall_s8__dsp"
    sources = ("dsp/ew_depthwise_3x3_tall_s8__dsp.c", *PLANE_SOURCES)
    slots = 16

    def limits(self, contract: DepthwiseS8) -> str | None:
        if contract.out_shape[0] <= 2 * (super().slots - 1) or self.scratch_bytes(contract) > TALL_BYTES:
            return f"output {contract.out_shape[:2]}; supported: more than 14 rows, {TALL_BYTES} bytes of planes"
        return super().limits(contract)


class Depthwise5x5Kernel(Depthwise3x3Kernel):
    """Depthwise 5x5 of stride 1 through planes of row pairs, four channels at a time."""

    symbol = "ew_depthwise_5x5_s8__dsp"
    sources = ("dsp/ew_depthwise_5x5_s8__dsp.c", "dsp/ew_dw5x5_planes__dsp.S", *PLANE_SOURCES)
    kernel = 5

    def limits(self, contract: DepthwiseS8) -> str | None:
        if contract.out_shape[1] < 2:
            return "one output column; supported: 2 or more"
        return super().limits(contract)

    def column_instructions(self, out_w: int, steps: int, bands: int) -> int:
        return (out_w + 1) // 2 * (97 * steps + 12 * bands) + 40 * bands


class DepthwiseKernel(Kernel[DepthwiseS8]):
    """Any depthwise convolution of multiplier 1, straight from NHWC, four channels at a time."""

    symbol = "ew_depthwise_s8__dsp"
    lane = np.int16
    sources: ClassVar[tuple[str, ...]] = ("dsp/ew_depthwise_s8__dsp.c", *PIXEL_SOURCES)

    def limits(self, contract: DepthwiseS8) -> str | None:
        if contract.in_shape[2] < 4 or contract.in_shape[2] != contract.out_shape[2]:
            return f"{contract.in_shape[2]} to {contract.out_shape[2]} channels; supported: equal, 4 or more"
        return shift_refusal(contract.shift)

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        fields = conv_fields(contract, Array(tap_records(contract)), 0, 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        window = contract.window.kernel[0] * contract.window.kernel[1] * contract.in_shape[2]
        return 0 if edge_pixels(contract) == 0 else (window + 7) // 8 * 8

    def overlap_bytes(self, contract: DepthwiseS8) -> int | None:
        steps = stepped(contract.out_shape[0] * contract.out_shape[1], 1)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, steps, copied=False)

    def cost(self, contract: DepthwiseS8) -> float:
        pixels, groups = contract.out_shape[0] * contract.out_shape[1], (contract.in_shape[2] + 3) // 4
        pieces = contract.window.kernel[0] * (contract.window.kernel[1] if contract.window.dilation[1] > 1 else 1)
        edge = edge_pixels(contract) * (120 + 60 * pieces + 0.9 * contract.weights.size)
        rows = 120 * inside_counts(contract)[0]
        return 250 + edge + rows + pixels * (18 + groups * self.group_instructions(contract))

    def group_instructions(self, contract: DepthwiseS8) -> int:
        """Of one pixel and four channels."""
        rows, taps = contract.window.kernel
        if taps == 1:
            rows, taps = 1, rows
        return 22 + rows * (9 + 17 * (taps // 2) + 8 * (taps % 2))


class Depthwise3x3AnyKernel(DepthwiseKernel):
    """Depthwise 3x3 of any stride and dilation, multiplier 1, straight from NHWC."""

    symbol = "ew_depthwise_3x3_any_s8__dsp"
    sources = ("dsp/ew_depthwise_3x3_any_s8__dsp.c", *PIXEL_SOURCES)

    def limits(self, contract: DepthwiseS8) -> str | None:
        if contract.window.kernel != (3, 3):
            return f"kernel {contract.window.kernel}; supported: 3x3"
        return super().limits(contract)

    def group_instructions(self, contract: DepthwiseS8) -> int:
        return 88


def tap_records(c: DepthwiseS8) -> np.ndarray:
    """Weights as `ew_dw_px__dsp.S` reads them: uint32 [words]; a last group overlaps the one before."""
    k_h, k_w, channels = c.weights.shape
    taps = c.weights.reshape(1, k_h, channels) if k_w == 1 else c.weights
    words: list[np.ndarray] = []
    for start in [*range(0, channels - 3, 4), *([channels - 4] if channels % 4 else [])]:
        four = slice(start, start + 4)
        words.append(c.bias[four].astype(np.int32).view(np.uint32))
        for row in taps[:, :, four].astype(np.int32) & 0xFFFF:
            pairs = len(row) // 2 * 2
            words.append((row[0:pairs:2] | row[1:pairs:2] << 16).reshape(-1).view(np.uint32))
            if len(row) % 2:
                words.append((row[-1][:2] | row[-1][2:] << 16).view(np.uint32))
        words.append(c.mult[four].astype(np.int32).view(np.uint32))
    return np.concatenate(words)
