"""NAME_manifest.json: what the directory holds, for tools and for people."""

from __future__ import annotations

from typing import Any

from edgewright import __version__
from edgewright.emit.sources import ARENA_ALIGN, SourceWriter
from edgewright.ir import Quant, Value

SCHEMA_VERSION = 1


def manifest(writer: SourceWriter, sources: list[str]) -> dict[str, Any]:
    """The manifest of a directory. sources: files to compile, relative to it."""
    plan, origin = writer.plan, writer.origin
    return {
        "schema_version": SCHEMA_VERSION,
        "edgewright": __version__,
        "name": writer.name,
        "model": {"file": origin.model_file, "sha256": origin.model_sha256, "macs": origin.float_macs},
        "model_sha256": origin.model_sha256,
        "target": {"cpu": origin.cpu, "board": origin.board},
        "optimize": origin.optimize,
        "goal": origin.goal,
        **({"threads": plan.threads} if plan.threads > 1 else {}),
        "quantization": origin.quantization,
        "shapes": {name: list(shape) for name, shape in origin.shapes.items()},
        "arena_bytes": plan.arena_bytes,
        "arena_align": ARENA_ALIGN,
        "arena_optimum_bytes": plan.optimum_bytes,
        "peak_layer": plan.peak_layer,
        "weights_bytes": writer.weights_bytes,
        "macs": sum(layer.contract.macs for layer in plan.layers),
        "sources": sources,
        "golden": f"{writer.name}_golden.c",
        "reference": f"{writer.name}_reference.npz",
        "inputs": [_end(v) for v in plan.graph.inputs],
        "outputs": [_end(v) for v in plan.graph.outputs],
        "layers": [
            {
                "index": index,
                "name": layer.node.name,
                "op": layer.contract.mnemonic,
                "kernel": layer.kernel.symbol,
                "macs": layer.contract.macs,
                "calls": len(layer.calls) if len(layer.runs) == 1 else 1,
                **({"threads": len(layer.runs)} if len(layer.runs) > 1 else {}),
                "output": layer.node.output.name,
                "output_shape": list(layer.node.output.shape),
                "output_bytes": layer.node.output.nbytes,
                "output_offset": plan.offsets[layer.node.output],
                "scratch_bytes": layer.scratch_bytes,
            }
            for index, layer in enumerate(plan.layers)
        ],
        "memory": [
            {
                "values": [v.name for v in held.values],
                "bytes": held.size,
                "offset": plan.offsets[held.values[0]] - held.inside.get(held.values[0], 0),
                "first": held.first,
                "last": held.last,
            }
            for held in plan.storages
        ],
    }


def _end(value: Value) -> dict[str, Any]:
    """An input or output; integers that stand for themselves have scale 1 and zero 0.

    model_perm: axis k of the stored tensor is this axis of the model's.
    """
    quant = value.quant if value.dtype == "int8" and value.quant is not None else Quant(1.0, 0)
    return {
        "name": value.name,
        "shape": list(value.shape),
        "dtype": value.dtype,
        "bytes": value.nbytes,
        "scale": quant.scale,
        "zero": quant.zero,
        "model_perm": list(value.model_perm) if value.model_perm else None,
    }
