"""`weights-header`: the numbers of a model in plain arrays, for people who bring their own kernels."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from edgewright import cgen
from edgewright.cgen import Array
from edgewright.cgen.blocks import comment, file_text, guarded
from edgewright.cgen.format import C_TYPES
from edgewright.contracts import Contract
from edgewright.export.format import Files, Format
from edgewright.export.model import ExportedModel
from edgewright.ir import Node, Value

#: Digits behind the point that tell any two float32 apart.
FLOAT_DIGITS = 8
ABOUT = (
    "Per layer k, LAYERk_INPUT* and LAYERk_OUTPUT: shapes, channels last, and real = (q - ZERO) * SCALE. What else",
    "there is has the name of a field of the contract: numbers as macros, arrays with one dimension and their _SHAPE.",
    "  weights     int8, as the contract orders them: [out][height][width][in], depthwise [height][width][out], fully",
    "              connected [out][in]; real weight = weights * weights_scale[out]",
    "  bias        int32, at input scale * weights_scale; -x_zero * sum(weights) is part of it",
    "  mult, shift y = clamp(y_zero + round((acc << shift) * mult / 2^32), act_min, act_max), halves towards plus",
    "              infinity",
    "Each array is static: include the file in one source file. No code of Edgewright's is needed or in it.",
)
PLAIN = """\
#ifndef EW_CONST_SECTION
#define EW_CONST_SECTION /* a section attribute moves the arrays */
#endif
#ifndef EW_ALIGNED
#if defined(__GNUC__)
#define EW_ALIGNED(n) __attribute__((aligned(n)))
#else
#define EW_ALIGNED(n)
#endif
#endif"""


class WeightsHeader(Format):
    """NAME_parameters.h: arrays, scales, zero points and shapes, layer by layer."""

    name = "weights-header"
    summary = "one .h with weights, biases, scales, zero points and shapes as plain arrays; no code"
    bare = False
    runs = False

    def files(self, model: ExportedModel) -> Files:
        file, macro = f"{model.name}_parameters.h", model.macro
        layers = [list(_layer(model, index, node)) for index, node in enumerate(model.graph.nodes)]
        count = cgen.define(f"{macro}_LAYERS", len(layers))
        blocks = guarded(f"{macro}_PARAMETERS_H", ["#include <stdint.h>"], PLAIN.splitlines(), [count], *layers)
        return {file: file_text(model.banner(file, f"the parameters of {model.name}", "", *ABOUT), *blocks)}


def _layer(model: ExportedModel, index: int, node: Node[Contract]) -> Iterator[str]:
    """The lines of one layer."""
    contract, macro = node.op, f"{model.macro}_LAYER{index}"
    yield from comment(f"layer {index}: {contract.mnemonic.removesuffix('_s8').replace('_', ' ')}")
    ends = [(f"INPUT{k}", value) for k, value in enumerate(node.inputs) if value is not None]
    for stem, value in (*ends, ("OUTPUT", node.output)):
        yield from _end(f"{macro}_{stem}", value)
    yield from _fields(contract, f"{model.name}_layer{index}")
    scales = _weight_scales(node)
    if scales is not None:
        head = f"static const float {model.name}_layer{index}_weights_scale[{scales.size}] EW_CONST_SECTION"
        yield f"{head} = {_braced(tuple(f'{scale:.{FLOAT_DIGITS}e}f' for scale in scales.tolist()))};"


def _end(stem: str, value: Value) -> Iterator[str]:
    yield cgen.define(f"{stem}_SHAPE", _braced(value.shape or (1,)))
    if value.quant is not None and value.dtype == "int8":
        yield cgen.define(f"{stem}_SCALE", f"{value.quant.scale!r}f")
        yield cgen.define(f"{stem}_ZERO", f"({value.quant.zero})")


def _fields(record: Any, stem: str) -> Iterator[str]:
    """The numbers of a contract, and of the records inside it."""
    for field in dataclasses.fields(record):
        value, name = getattr(record, field.name), f"{stem}_{field.name}"
        if isinstance(value, np.ndarray) and value.dtype.name in C_TYPES:
            yield cgen.define(f"{name}_shape".upper(), _braced(value.shape))
            yield cgen.array(name, Array(np.ascontiguousarray(value).reshape(-1)), static=True)
        elif isinstance(value, bool | int | np.integer):
            yield cgen.define(name.upper(), f"({int(value)}{'LL' if abs(int(value)) >= 2**31 else ''})")
        elif isinstance(value, tuple) and all(isinstance(item, int) for item in value):
            yield cgen.define(name.upper(), _braced(value))
        elif dataclasses.is_dataclass(value):
            yield from _fields(value, name)


def _weight_scales(node: Node[Contract]) -> np.ndarray | None:
    """The real value of a step of the weights, per output channel; None where the layer has none."""
    mult, shift = getattr(node.op, "mult", None), getattr(node.op, "shift", None)
    x, y = node.inputs[0] if node.inputs else None, node.output
    if not hasattr(node.op, "weights") or not isinstance(mult, np.ndarray) or not isinstance(shift, int):
        return None
    if x is None or x.quant is None or y.quant is None:
        return None
    return np.asarray(mult.astype(np.float64) * 2.0 ** (shift - 32) * y.quant.scale / x.quant.scale)


def _braced(items: tuple[object, ...]) -> str:
    return f"{{{', '.join(map(str, items))}}}"
