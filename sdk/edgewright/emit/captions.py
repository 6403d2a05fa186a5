"""What stands above the calls of a layer in NAME.c: its kind and its sizes, and nothing of the model's own text."""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.contracts.conv import Window
from edgewright.plan import Layer


def caption(index: int, layer: Layer) -> str:
    """For example `3: depthwise 3x3 stride 2, 1x49x10x8 -> 1x25x5x8`."""
    contract = layer.contract
    words = [contract.mnemonic.removesuffix("_s8").replace("_", " ")]
    window = getattr(contract, "window", None)
    if isinstance(window, Window):
        words.append(_sizes(window.kernel))
        words += [f"{what} {_pair(pair)}" for what, pair in _steps(window) if pair != (1, 1)]
    inputs = " and ".join(
        _sizes(value.shape) for value in layer.node.inputs if value is not None and value.data is None
    )
    return f"{index}: {' '.join(words)}, {inputs} -> {_sizes(layer.node.output.shape)}"


def _steps(window: Window) -> tuple[tuple[str, tuple[int, int]], ...]:
    return ("stride", window.stride), ("dilation", window.dilation)


def _pair(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else _sizes(pair)


def _sizes(sizes: Iterable[int]) -> str:
    return "x".join(map(str, sizes)) or "1"
