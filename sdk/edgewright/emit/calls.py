"""NAME.c: parameters and one straight list of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgewright import cgen
from edgewright.artifact.layout import RUNTIME, Layout
from edgewright.cgen import Array
from edgewright.cgen.blocks import block, comment, file_text, function, include, switch, version_check
from edgewright.emit.captions import caption
from edgewright.emit.constants import Constants
from edgewright.emit.model import EmittedModel
from edgewright.emit.origin import Origin
from edgewright.emit.runtime_files import headers_of
from edgewright.errors import UnsupportedError
from edgewright.ir import Value
from edgewright.plan import Layer, Plan, Run


def calls(model: EmittedModel, constants: Constants) -> str:
    """The text of NAME.c; the arrays that it points to are added to `constants`.

    Raises:
        UnsupportedError: a layer is larger than the parameters of its kernel can say.
    """
    name, layout = model.name, Layout(model.name)
    layers = [_layer(index, layer, model, constants) for index, layer in enumerate(model.plan.layers)]
    body = [line for layer in layers for line in layer.body]
    run = ["int8_t *const arena = self->arena;", *(() if body else ("(void)arena;",)), *body, "return EW_OK;"]
    return file_text(
        [*model.banner(layout.calls, f"the call list of {name}"), include(layout.header)],
        [*(include(f"{RUNTIME}/{header}") for header in headers_of(model.plan)), include(layout.weights_header)],
        version_check(
            "EW_RUNTIME_VERSION",
            model.version,
            "runtime/ is not the one this file was generated with: keep the folder of each model whole",
        ),
        [
            *comment("Hook for validation: called with the index, output and size of each layer."),
            *("#ifndef EW_AFTER_LAYER", "#define EW_AFTER_LAYER(index, data, bytes) ((void)0)", "#endif"),
        ],
        [
            cgen.static_assert(f"{model.macro}_ARENA_BYTES == {model.plan.arena_bytes}", f"{name}_header_matches"),
            *(struct for layer in layers for struct in layer.structs),
        ],
        *(layer.shares for layer in layers),
        *_accessors(model),
        function(f"int {name}_run({name}_t *self)", *run),
    )


@dataclass(frozen=True)
class _LayerText:
    """structs: definitions of the parameters. shares: the function that threads call, if any. body: in NAME_run."""

    structs: list[str]
    shares: list[str]
    body: list[str]


def _layer(index: int, layer: Layer, model: EmittedModel, constants: Constants) -> _LayerText:
    name = f"layer_{index}"
    structs: list[str] = []
    runs: list[list[str]] = []
    for run in layer.runs:
        lines = []
        for call in run.calls:
            params = f"{name}_{len(structs)}" if len(layer.calls) > 1 else name
            try:
                structs.append(cgen.struct(call.struct, params, call.fields, constants.pointer))
            except OverflowError as error:
                raise UnsupportedError(model.origin.model_file, [f"'{layer.node.name}': {error}"]) from None
            arguments = [f"&{params}", *_arguments(layer, run, call.inputs, model.plan, constants)]
            lines.append(cgen.kernel_call(call.symbol, call.struct, arguments, call.widen))
        runs.append(lines)
    shares = _shares(name, runs) if len(runs) > 1 else []
    body = [f"ew_threads_run({name}, arena, {len(runs)}u);"] if shares else runs[0]
    out = layer.node.output
    after = f"EW_AFTER_LAYER({index}, {_address(out, model.plan)}, {out.nbytes});"
    return _LayerText(structs, shares, [*comment(caption(index, layer)), *body, after])


def _shares(name: str, runs: Sequence[Sequence[str]]) -> list[str]:
    """The function that threads call to run one share of a layer each."""
    cases = switch("share", [[*lines, "break;"] for lines in runs])
    head = f"static void {name}(void *context, unsigned share)"
    return function(head, "int8_t *const arena = (int8_t *)context;", *cases)


def _arguments(layer: Layer, run: Run, inputs: Sequence[int], plan: Plan, constants: Constants) -> list[str]:
    """What a kernel is given beside its parameters: inputs, output, scratch."""
    sources = []
    for i in inputs:
        value, start = layer.node.operand(i), run.share.x[i].start
        if value.data is None:
            sources.append(_address(value, plan, start))
        else:
            array = constants.pointer(Array(np.ascontiguousarray(value.data).reshape(-1)))
            sources.append(f"{array} + {start}" if start else array)
    out = _address(layer.node.output, plan, run.share.y.start)
    if layer.node.output.dtype == "int32":
        out = f"(int32_t *)(void *)({out})"
    return [*sources, out, f"arena + {run.scratch_offset}" if layer.scratch_bytes else "NULL"]


def _address(value: Value, plan: Plan, start: int = 0) -> str:
    return f"arena + {plan.offsets[value] + start}"


def _accessors(model: EmittedModel) -> list[list[str]]:
    """NAME_init, NAME_input and NAME_output."""
    name, macro = model.name, model.macro

    def ends(values: Sequence[Value]) -> list[str]:
        return switch("index", [[f"return self->{_address(v, model.plan)};"] for v in values], ["return NULL;"])

    return [
        function(
            f"int {name}_init({name}_t *self, void *arena, size_t arena_bytes)",
            *block("if (self == NULL || arena == NULL)", "return EW_EARENA_NULL;"),
            *block(f"if (arena_bytes < {macro}_ARENA_BYTES)", "return EW_EARENA_SMALL;"),
            *block(f"if ((uintptr_t)arena % {macro}_ARENA_ALIGN != 0)", "return EW_EARENA_ALIGN;"),
            "self->arena = (int8_t *)arena;",
            "return EW_OK;",
        ),
        function(f"int8_t *{name}_input({name}_t *self, unsigned index)", *ends(model.graph.inputs)),
        function(f"const int8_t *{name}_output(const {name}_t *self, unsigned index)", *ends(model.graph.outputs)),
    ]


def constant_bytes(plan: Plan) -> int:
    """Bytes of all constant arrays that a plan needs, each counted once."""
    constants = Constants("plan")
    calls(EmittedModel("plan", plan, Origin(plan.graph.name, "", "")), constants)
    return constants.bytes
