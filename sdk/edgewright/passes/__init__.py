"""Rewrites of the float graph, one file each, and the lists in which they run.

Every pass keeps the graph's meaning exactly.
"""

from edgewright.passes.absorb_ends import absorb_ends
from edgewright.passes.affine_to_depthwise import affine_to_depthwise
from edgewright.passes.base import run_passes
from edgewright.passes.fold_affine import fold_affine
from edgewright.passes.fold_pad import fold_pad
from edgewright.passes.fuse_clamp import fuse_clamp
from edgewright.passes.fuse_unary import fuse_unary
from edgewright.passes.recognise_layer_norm import recognise_layer_norm
from edgewright.passes.remove_dead_channels import remove_dead_channels
from edgewright.passes.sink_layout import sink_layout
from edgewright.passes.to_nhwc import to_nhwc

__all__ = ["LAYOUT", "SIMPLIFY", "run_passes"]

#: In ONNX semantics (NCHW); what comes out can be pruned, quantized and exported.
SIMPLIFY = (
    *(recognise_layer_norm, fold_pad, fold_affine, affine_to_depthwise, fold_affine),
    *(fuse_clamp, fuse_unary, remove_dead_channels),
)
#: From NCHW to channels last; run once every value has its scale.
LAYOUT = (to_nhwc, sink_layout, absorb_ends)
