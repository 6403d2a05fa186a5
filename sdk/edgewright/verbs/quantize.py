"""`quantize`: a model as int8 QDQ ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.blas import on_one_thread
from edgewright.frontend import load_model
from edgewright.pipeline import simplified, with_scales
from edgewright.quantize import Progress
from edgewright.verbs.onnx_file import check_output, write_onnx
from edgewright.verbs.record import Record


@dataclass(frozen=True)
class Quantized(Record):
    """The file `output`, made of `model`. macs: multiply-accumulates. quantization: how scales were chosen."""

    model: str
    output: Path
    bytes: int
    macs: int
    quantization: dict[str, Any]


@on_one_thread
def quantize(
    model: str | Path,
    out: str | Path,
    calib: str | Path | None,
    *,
    method: str = "auto",
    weights: str = "int8",
    max_drop: float | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    progress: Progress | None = None,
) -> Quantized:
    """Write the model as int8 QDQ ONNX, which any ONNX runtime executes and `compile` takes as it is.

    calib, method, weights, max_drop: see `pipeline.with_scales`. Weights of 4 bits are int8 in [-7, 7] there.

    Raises:
        UsageError: `out` is the model itself; else as `pipeline.with_scales`.
    """
    model, out = Path(model), Path(out)
    check_output(out, model)
    simple = simplified(load_model(model), shapes)
    scaled = with_scales(simple, calib, method, progress, weights=weights, max_drop=max_drop)
    size = write_onnx(scaled.graph, out, quantized=True)
    return Quantized(model.name, out, size, scaled.model.macs, scaled.quantization)
