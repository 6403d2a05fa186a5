"""The compiler as one list of named stages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edgewright.frontend import ModelFile, import_model, load_model
from edgewright.ir import Graph
from edgewright.passes import run_passes
from edgewright.passes.absorb_ends import absorb_ends
from edgewright.passes.fold_affine import fold_affine
from edgewright.passes.fuse_clamp import fuse_clamp
from edgewright.passes.fuse_unary import fuse_unary
from edgewright.passes.sink_layout import sink_layout
from edgewright.passes.to_nhwc import to_nhwc

#: Exact rewrites in ONNX semantics (NCHW); what comes out can be pruned, quantized and exported.
SIMPLIFY = (fold_affine, fuse_clamp, fuse_unary)
#: From NCHW to channels last; run once every value has its scale.
LAYOUT = (to_nhwc, sink_layout, absorb_ends)


def load_graph(path: Path, shapes: Mapping[str, tuple[int, ...]] | None = None) -> tuple[ModelFile, Graph]:
    """The model in `path` and its simplified float graph."""
    model = load_model(path)
    graph = import_model(model, shapes)
    run_passes(graph, SIMPLIFY)
    return model, graph


def to_channels_last(graph: Graph) -> None:
    """Run the layout passes in place."""
    run_passes(graph, LAYOUT)
