"""`inspect`: what is in a model, what is unsupported and why, and whether it fits a target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from edgewright.blas import on_one_thread
from edgewright.budget import planned_flash
from edgewright.errors import BudgetError, UnsupportedError
from edgewright.frontend import load_model
from edgewright.ir import Node, Value
from edgewright.ops import Op
from edgewright.ops.macs import node_macs, total_macs
from edgewright.pipeline import FloatModel, simplified, trial_plan
from edgewright.quantize import has_scales
from edgewright.targets import Target, resolve_target
from edgewright.verbs.record import FLAT, OPTIONAL, Record


@dataclass(frozen=True)
class End:
    """An input or output."""

    name: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """A node of the simplified model. op: our name of its operation. macs: multiply-accumulates."""

    name: str
    op: str
    output_shape: tuple[int, ...]
    parameters: int
    macs: int


@dataclass(frozen=True)
class Contents:
    """A model that is supported. quantized: whether it arrived so. macs_needed: without those of dead channels."""

    quantized: bool
    inputs: tuple[End, ...]
    outputs: tuple[End, ...]
    parameters: int
    macs: int
    macs_needed: int
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class Need:
    """What a target has to offer: planned arena and flash. The limits, the stack taken off, are those of its board, or
    of the one that emulates it; None where there is none. stand_in: that board, when no board was named.
    """

    name: str
    cpu: str
    arena_bytes: int
    flash_bytes: int
    ram_limit_bytes: int | None
    flash_limit_bytes: int | None
    fits: bool
    peak_layer: str
    stand_in: str | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True)
class Inspected(Record):
    """What is in `model`, a file of `bytes`.

    operators: how often each ONNX operator occurs. unsupported: one line per node; then there are no contents.
    """

    model: str
    bytes: int
    sha256: str
    producer: str
    opset: int
    operators: dict[str, int]
    supported: bool = True
    unsupported: tuple[str, ...] = ()
    contents: Contents | None = field(default=None, metadata=FLAT)
    target: Need | None = field(default=None, metadata=OPTIONAL)

    def check(self) -> None:
        """Raise UnsupportedError, or BudgetError when it does not fit the target."""
        if not self.supported:
            raise UnsupportedError(self.model, list(self.unsupported))
        if self.target and not self.target.fits:
            raise BudgetError(
                f"{self.model} on {self.target.name}: arena needs {self.target.arena_bytes:,} bytes, "
                f"RAM has {self.target.ram_limit_bytes:,} beside the stack; flash needs {self.target.flash_bytes:,} "
                f"bytes, there are {self.target.flash_limit_bytes:,}; prune the model or take a larger board"
            )


@on_one_thread
def inspect(
    model: str | Path, target: str | None = None, shapes: Mapping[str, tuple[int, ...]] | None = None
) -> Inspected:
    """What is in the model; unsupported nodes are listed, not raised."""
    model = Path(model)
    where = resolve_target(target) if target else None
    file = load_model(model)
    seen = Inspected(
        model=model.name,
        bytes=model.stat().st_size,
        sha256=file.sha256,
        producer=" ".join(filter(None, (file.proto.producer_name, file.proto.producer_version))),
        opset=file.opset,
        operators=dict(sorted(Counter(node.op_type for node in file.proto.graph.node).items())),
    )
    try:
        loaded = simplified(file, shapes)
    except UnsupportedError as error:
        return replace(seen, supported=False, unsupported=tuple(error.reasons))
    return replace(seen, contents=_contents(loaded), target=_need(loaded, where) if where else None)


def _contents(model: FloatModel) -> Contents:
    graph = model.graph
    return Contents(
        quantized=has_scales(graph),
        inputs=tuple(End(v.name, v.shape) for v in graph.inputs),
        outputs=tuple(End(v.name, v.shape) for v in graph.outputs),
        parameters=_parameters(graph.values()),
        macs=model.macs,
        macs_needed=total_macs(graph),
        layers=tuple(_layer(node) for node in graph.nodes),
    )


def _layer(node: Node[Op]) -> Layer:
    return Layer(node.name, node.op.mnemonic, node.outputs[0].shape, _parameters(node.inputs), node_macs(node))


def _parameters(values: Iterable[Value | None]) -> int:
    """Elements of the constants among `values`."""
    return sum(value.size for value in values if value is not None and value.is_const)


def _need(model: FloatModel, target: Target) -> Need:
    plan = trial_plan(model, target.cpu)
    board, flash = target.link_board, planned_flash(plan, target)
    ram_limit = board.arena_room_bytes if board else None
    flash_limit = board.flash.bytes if board else None
    fits = ram_limit is None or flash_limit is None or (flash <= flash_limit and plan.arena_bytes <= ram_limit)
    sizes = (plan.arena_bytes, flash, ram_limit, flash_limit)
    stand_in = board.name if board and target.board is None else None
    return Need(target.name, target.cpu.name, *sizes, fits, plan.peak_layer, stand_in)
