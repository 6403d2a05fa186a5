"""Kernel windows: strides, dilation and every ONNX way to say padding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts import conv as contracts
from edgewright.contracts.conv import LARGEST_SIZE, LARGEST_STEP
from edgewright.ops.onnx_node import OnnxNode, Unsupported


@dataclass(frozen=True)
class Window:
    """A 2-D window, (vertical, horizontal); pads: top, left, bottom, right."""

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def extent(self) -> tuple[int, int]:
        """Input positions that one window spans."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return (kh - 1) * dh + 1, (kw - 1) * dw + 1

    def out_size(self, h: int, w: int, ceil: bool = False) -> tuple[int, int]:
        """Output height and width.

        Source: ONNX operators Conv (opset 11) and MaxPool (opset 12): ceil_mode rounds up, but no window
        may begin behind the input and its first padding.
        """
        sizes = []
        for axis, size in enumerate((h, w)):
            before, after = self.pads[axis], self.pads[axis + 2]
            room = size + before + after - self.extent[axis]
            steps = -(-room // self.stride[axis]) if ceil else room // self.stride[axis]
            if ceil and steps * self.stride[axis] >= size + before:
                steps -= 1
            sizes.append(steps + 1)
        return sizes[0], sizes[1]

    def contract(self) -> contracts.Window:
        """The window as integer contracts describe it."""
        return contracts.Window(self.kernel, self.stride, self.dilation, (self.pads[0], self.pads[1]))

    def taps(self, x: np.ndarray, out: tuple[int, int], fill: float) -> list[np.ndarray]:
        """What each tap sees of x [n, h, w, c]: kernel positions in row order, each [n, out_h, out_w, c]."""
        need = [(o - 1) * s + e for o, s, e in zip(out, self.stride, self.extent, strict=True)]
        top, left = self.pads[:2]
        h, w = min(x.shape[1], need[0] - top), min(x.shape[2], need[1] - left)
        wide = np.full((x.shape[0], *need, x.shape[3]), fill, dtype=x.dtype)
        wide[:, top : top + h, left : left + w] = x[:, :h, :w]
        seen = []
        for i in range(self.kernel[0]):
            for j in range(self.kernel[1]):
                r, c = i * self.dilation[0], j * self.dilation[1]
                seen.append(
                    wide[:, r : r + need[0] - self.extent[0] + 1 : self.stride[0],
                         c : c + need[1] - self.extent[1] + 1 : self.stride[1]]
                )  # fmt: skip
        return seen


def import_window(node: OnnxNode, spatial: tuple[int, ...], kernel: tuple[int, ...] | None = None) -> Window:
    """The window of a Conv or pool node over `spatial` input sizes (one or two dimensions).

    Raises:
        Unsupported: what is wrong with the attributes; `window_problem` says whether the window fits, too.
    """
    rank = len(spatial)
    if rank not in (1, 2):
        raise Unsupported(f"{rank} spatial dimensions")
    size = tuple(kernel or node.attribute("kernel_shape") or ())
    if len(size) != rank or min(size) < 1:
        raise Unsupported(f"kernel_shape {list(size)} for {rank} spatial dimensions")
    strides = tuple(node.attribute("strides") or (1,) * rank)
    dilations = tuple(node.attribute("dilations") or (1,) * rank)
    pads = _pads(node, spatial, size, strides, dilations)
    if len(strides) != rank or len(dilations) != rank or len(pads) != 2 * rank:
        raise Unsupported(
            f"strides {list(strides)}, dilations {list(dilations)}, pads {list(pads)} in {rank} dimensions"
        )
    if min(pads) < 0:
        raise Unsupported(f"pads {list(pads)}")
    if not 1 <= min(strides + dilations) <= max(strides + dilations) <= LARGEST_STEP:
        raise Unsupported(f"strides {list(strides)}, dilations {list(dilations)}")
    if rank == 1:
        return Window((1, size[0]), (1, strides[0]), (1, dilations[0]), (0, pads[0], 0, pads[1]))
    return Window(
        (size[0], size[1]), (strides[0], strides[1]), (dilations[0], dilations[1]), (pads[0], pads[1], pads[2], pads[3])
    )


def window_problem(node: OnnxNode, kernel: tuple[int, ...] | None = None) -> str | None:
    """What is wrong with the window of a Conv or pool node on its first input; None when it fits."""
    spatial, ceil = node.input(0).shape[2:], bool(node.attribute("ceil_mode", 0))
    try:
        window = import_window(node, spatial, kernel)
    except Unsupported as reason:
        return str(reason)
    h, w = (1, *spatial)[-2:]
    out = window.out_size(h, w, ceil)
    if min(out) >= 1 and max(h, w, *out) <= LARGEST_SIZE:
        return None
    return f"a window over {list(window.extent)} positions with pads {list(window.pads)} on an input of {[h, w]}"


def _pads(
    node: OnnxNode,
    spatial: tuple[int, ...],
    size: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
) -> tuple[int, ...]:
    """Source: ONNX Conv, opset 11: SAME keeps ceil(input / stride) outputs, an odd position goes after or before."""
    mode = node.text("auto_pad", "NOTSET")
    if mode == "NOTSET":
        return tuple(node.attribute("pads") or (0,) * (2 * len(spatial)))
    if mode == "VALID":
        return (0,) * (2 * len(spatial))
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        raise Unsupported(f"auto_pad {mode}")
    totals = [
        max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
        for n, k, s, d in zip(spatial, size, strides, dilations, strict=True)
    ]
    small, large = [t // 2 for t in totals], [t - t // 2 for t in totals]
    return tuple(small + large if mode == "SAME_UPPER" else large + small)


def window_attributes(window: Window) -> dict[str, list[int]]:
    """The ONNX attributes of a 2-D window."""
    return {
        "kernel_shape": list(window.kernel),
        "strides": list(window.stride),
        "dilations": list(window.dilation),
        "pads": list(window.pads),
    }
