"""Turns a scale or an offset per channel that folds into no layer into a 1x1 depthwise convolution."""

from __future__ import annotations

import numpy as np

from edgewright.ir import Graph, Node
from edgewright.ir.builder import Builder
from edgewright.ops.activation import Clamp
from edgewright.ops.add import Add
from edgewright.ops.base import Op
from edgewright.ops.conv import Conv
from edgewright.ops.mul import Mul
from edgewright.ops.spatial import as_2d, back_to_1d
from edgewright.ops.window import Window
from edgewright.passes.fold_affine import Affine, affine_per_channel, layer_before


def affine_to_depthwise(graph: Graph[Op]) -> int:
    """Mul, Add or Sub by a constant per channel of [1, c, h, w] or [1, c, l] becomes a Conv with c groups.

    It keeps a scale for every channel and an exact offset, where the element-wise kernels have one scale for the
    whole constant. Order: after `fold_affine`, and before another `fold_affine`, which joins what follows.
    """
    changed, producers = 0, graph.producers()
    taken = graph.names()
    for node in list(graph.nodes):
        if isinstance(node.op, Add | Mul) and len(node.output.shape) in (3, 4) and node.output.shape[0] == 1:
            found = affine_per_channel(node, node.op, 1, node.output.shape[1])
            layer = None if found is None else layer_before(graph, found.x, producers)
            folds_later = layer is not None and node.op.clamp.is_identity
            if found is not None and not folds_later and np.ptp(found.scale) + np.ptp(found.offset) > 0:
                made = _replace(graph, node, node.op.clamp, found, taken)
                producers.update({out: new for new in made for out in new.outputs})
                changed += 1
    return changed


def _replace(graph: Graph[Op], node: Node[Op], clamp: Clamp, affine: Affine, taken: set[str]) -> list[Node[Op]]:
    x, channels = affine.x, len(affine.scale)
    build = Builder(graph, node.output.name, taken)
    weights = build.const(affine.scale.astype(np.float32).reshape(channels, 1, 1, 1))
    op = Conv(Window((1, 1)), groups=channels, clamp=clamp)
    flat = as_2d(x, build)
    flat.quant = x.quant
    y = build.value(op, [flat, weights, build.const(affine.offset.astype(np.float32))])
    y.quant = node.output.quant
    if len(x.shape) == 3:
        back_to_1d(y, build, node.output.name)
    build.nodes[-1].outputs = [node.output]
    for new in build.nodes:
        new.name = node.name
    at = graph.nodes.index(node)
    graph.nodes[at : at + 1] = build.nodes
    return build.nodes
