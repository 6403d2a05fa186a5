"""The compiler as one list of named stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgewright.frontend import ModelFile, import_model, load_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.passes import run_passes
from edgewright.passes.absorb_ends import absorb_ends
from edgewright.passes.affine_to_depthwise import affine_to_depthwise
from edgewright.passes.fold_affine import fold_affine
from edgewright.passes.fold_pad import fold_pad
from edgewright.passes.fuse_clamp import fuse_clamp
from edgewright.passes.fuse_unary import fuse_unary
from edgewright.passes.recognise_layer_norm import recognise_layer_norm
from edgewright.passes.remove_dead_channels import remove_dead_channels
from edgewright.passes.sink_layout import sink_layout
from edgewright.passes.to_nhwc import to_nhwc

#: Exact rewrites in ONNX semantics (NCHW); what comes out can be pruned, quantized and exported.
SIMPLIFY = (
    *(recognise_layer_norm, fold_pad, fold_affine, affine_to_depthwise, fold_affine),
    *(fuse_clamp, fuse_unary, remove_dead_channels),
)
#: From NCHW to channels last; run once every value has its scale.
LAYOUT = (to_nhwc, sink_layout, absorb_ends)


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """file: as read. graph: imported and simplified. macs: multiply-accumulates before anything was removed."""

    file: ModelFile
    graph: Graph[Op]
    macs: int


def load_graph(path: Path, shapes: Mapping[str, tuple[int, ...]] | None = None) -> LoadedModel:
    """The model in `path` and its simplified float graph."""
    return simplified(load_model(path), shapes)


def simplified(model: ModelFile, shapes: Mapping[str, tuple[int, ...]] | None = None) -> LoadedModel:
    """A model file with its simplified float graph."""
    graph = import_model(model, shapes)
    macs = total_macs(graph)
    run_passes(graph, SIMPLIFY)
    return LoadedModel(model, graph, macs)


def to_channels_last(graph: Graph[Op]) -> None:
    """Run the layout passes in place."""
    run_passes(graph, LAYOUT)


def total_macs(graph: Graph[Op]) -> int:
    """Multiply-accumulates of a float graph."""
    total = 0
    for node in graph.nodes:
        total += node.op.macs([None if v is None else v.shape for v in node.inputs], node.outputs[0].shape)
    return total
