"""What the manifest of a directory says of its plan."""

from __future__ import annotations

from edgewright import __version__
from edgewright.artifact import Held, Layer, Layout, Manifest, Model, Tensor
from edgewright.emit.model import ARENA_ALIGN, EmittedModel
from edgewright.ir import Quant, Value
from edgewright.plan import Layer as PlannedLayer
from edgewright.plan import Plan
from edgewright.targets import named_target


def manifest(model: EmittedModel, weights_bytes: int, sources: list[str]) -> Manifest:
    """The manifest of a directory. sources: files to compile, relative to it."""
    plan, origin, layout = model.plan, model.origin, Layout(model.name)
    return Manifest(
        edgewright=__version__,
        name=model.name,
        model=Model(origin.model_file, origin.model_sha256, origin.float_macs),
        target=named_target(origin.cpu, origin.board),
        optimize=origin.optimize,
        goal=origin.goal,
        threads=plan.threads,
        quantization=origin.quantization,
        shapes=origin.shapes,
        arena_bytes=plan.arena_bytes,
        arena_align=ARENA_ALIGN,
        arena_optimum_bytes=plan.optimum_bytes,
        peak_layer=plan.peak_layer,
        weights_bytes=weights_bytes,
        macs=sum(layer.contract.macs for layer in plan.layers),
        sources=tuple(sources),
        golden=layout.golden,
        reference=layout.reference,
        inputs=tuple(_tensor(value) for value in plan.graph.inputs),
        outputs=tuple(_tensor(value) for value in plan.graph.outputs),
        layers=tuple(_layer(index, layer, plan) for index, layer in enumerate(plan.layers)),
        memory=tuple(
            Held(
                values=tuple(value.name for value in held.values),
                bytes=held.size,
                offset=plan.offsets[held.values[0]] - held.inside.get(held.values[0], 0),
                first=held.first,
                last=held.last,
            )
            for held in plan.storages
        ),
    )


def _layer(index: int, layer: PlannedLayer, plan: Plan) -> Layer:
    output = layer.node.output
    return Layer(
        index=index,
        name=layer.node.name,
        op=layer.contract.mnemonic,
        kernel=layer.kernel.symbol,
        macs=layer.contract.macs,
        calls=sum(call.jumps for call in layer.calls) if len(layer.runs) == 1 else 1,
        threads=len(layer.runs),
        output=output.name,
        output_shape=output.shape,
        output_bytes=output.nbytes,
        output_offset=plan.offsets[output],
        scratch_bytes=layer.scratch_bytes,
    )


def _tensor(value: Value) -> Tensor:
    """An input or output; integers that stand for themselves have scale 1 and zero 0."""
    quant = value.quant if value.dtype == "int8" and value.quant is not None else Quant(1.0, 0)
    perm = tuple(value.model_perm) if value.model_perm else None
    return Tensor(value.name, value.shape, value.dtype, value.nbytes, quant.scale, quant.zero, perm)
