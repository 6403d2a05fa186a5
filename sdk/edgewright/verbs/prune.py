"""`prune`: a model without its least important channels or weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edgewright.blas import on_one_thread
from edgewright.compress import PruneReport
from edgewright.compress import prune as prune_graph
from edgewright.frontend import load_model
from edgewright.pipeline import calibration_samples, simplified
from edgewright.verbs.onnx_file import write_onnx
from edgewright.verbs.record import FLAT, Record

#: Calibration samples that the importance of channels is measured on.
MAX_SAMPLES = 32


@dataclass(frozen=True)
class Pruned(Record):
    """The file `output`, made of `model`. report: what was asked and what came of it, per layer and in all."""

    model: str
    output: Path
    report: PruneReport = field(metadata=FLAT)


@on_one_thread
def prune(
    model: Path,
    out: Path,
    *,
    amount: float,
    method: str = "l1",
    round_to: int = 4,
    calib: str | Path | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> Pruned:
    """Cut channels (or single weights) of a model; ONNX in, ONNX out.

    amount, method, round_to, Raises: see `compress.prune`. calib: a `.npz` or "random", for "taylor" and to check.
    """
    graph = simplified(load_model(model), shapes).graph
    samples = None if calib is None else list(calibration_samples(calib, graph).spread(MAX_SAMPLES))
    result = prune_graph(graph, amount, method, round_to=round_to, samples=samples)
    write_onnx(result.graph, out)
    return Pruned(model.name, out, result.report)
