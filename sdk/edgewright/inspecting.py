"""What `edgewright inspect` tells of a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.compiling import flash_of
from edgewright.errors import UnsupportedError
from edgewright.frontend import load_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.ops.macs import node_macs, total_macs
from edgewright.pipeline import simplified, trial_plan
from edgewright.quantize import has_scales
from edgewright.targets import resolve_target


def inspect_model(path: Path, target_name: str | None, shapes: Mapping[str, tuple[int, ...]] | None) -> dict[str, Any]:
    """The document of a model: header, ends, operators, layers, totals and, with a target, what it needs.

    Unsupported nodes are listed in `unsupported`, not raised.
    """
    target = resolve_target(target_name) if target_name else None
    model = load_model(path)
    header = {
        "model": path.name,
        "bytes": path.stat().st_size,
        "sha256": model.sha256,
        "producer": " ".join(filter(None, (model.proto.producer_name, model.proto.producer_version))),
        "opset": model.opset,
        "operators": dict(sorted(Counter(node.op_type for node in model.proto.graph.node).items())),
    }
    try:
        loaded = simplified(model, shapes)
    except UnsupportedError as error:
        return {**header, "unsupported": error.reasons, "supported": False}
    graph = loaded.graph
    document = {
        **header,
        "supported": True,
        "unsupported": [],
        "quantized": has_scales(graph),
        "inputs": [{"name": v.name, "shape": list(v.shape)} for v in graph.inputs],
        "outputs": [{"name": v.name, "shape": list(v.shape)} for v in graph.outputs],
        "parameters": sum(c.size for c in _constants(graph)),
        "macs": loaded.macs,
        "macs_needed": total_macs(graph),
        "layers": _layers(graph),
    }
    if target is None:
        return document
    plan = trial_plan(loaded, target.cpu)
    board = target.link_board
    flash = flash_of(plan, target)
    limits = (None, None) if board is None else (board.flash.bytes, board.ram.bytes - board.stack_bytes)
    document["target"] = {
        "name": target.name,
        "cpu": target.cpu.name,
        "arena_bytes": plan.arena_bytes,
        "flash_bytes": flash,
        "ram_limit_bytes": limits[1],
        "flash_limit_bytes": limits[0],
        "fits": board is None
        or (flash <= board.flash.bytes and plan.arena_bytes <= board.ram.bytes - board.stack_bytes),
        "peak_layer": plan.peak_layer,
    }
    return document


def _constants(graph: Graph[Op]) -> list[np.ndarray]:
    return [v.data for v in graph.values() if v.data is not None]


def _layers(graph: Graph[Op]) -> list[dict[str, Any]]:
    layers = []
    for node in graph.nodes:
        layers.append(
            {
                "name": node.name,
                "op": node.op.mnemonic,
                "output_shape": list(node.outputs[0].shape),
                "parameters": sum(v.size for v in node.inputs if v is not None and v.is_const),
                "macs": node_macs(node),
            }
        )
    return layers
