"""NAME.h: the API of a model and its constants."""

from __future__ import annotations

import re
from collections.abc import Sequence

from edgewright import cgen
from edgewright.artifact.layout import RUNTIME_INCLUDE, Layout
from edgewright.cgen.blocks import comment, extern_c, file_text, function, guarded, include, version_check
from edgewright.emit.model import ARENA_ALIGN, EmittedModel
from edgewright.ir import Value

#: Axes of a stored tensor that convolutions made channels-last, by `Value.model_perm`.
LAYOUTS = {(0, 2, 3, 1): "NHWC; the ONNX model has NCHW", (0, 2, 1): "NWC; the ONNX model has NCW"}
#: What the name of a CPU file may hold and a comment may not.
NOT_A_NAME = re.compile(r"[^\w.+-]")


def header(model: EmittedModel) -> str:
    """The text of NAME.h."""
    name, macro, plan = model.name, model.macro, model.plan
    ends = [(f"{macro}_INPUT{k}", value) for k, value in enumerate(model.graph.inputs)]
    ends += [(f"{macro}_OUTPUT{k}", value) for k, value in enumerate(model.graph.outputs)]
    return file_text(
        model.banner(Layout(name).header, "a neural network as int8 C", *_facts(model)),
        *guarded(
            f"{macro}_H",
            [include(f"{RUNTIME_INCLUDE}/ew.h"), include(f"{RUNTIME_INCLUDE}/ew_quantize.h")],
            version_check(
                "EW_API_VERSION",
                model.api,
                "another Edgewright's ew.h came before this file: include the models in different source files",
            ),
            [
                cgen.define(f"{macro}_ARENA_BYTES", plan.arena_bytes, "working memory, inputs and outputs included"),
                cgen.define(f"{macro}_ARENA_ALIGN", ARENA_ALIGN),
                cgen.define(f"{macro}_INPUT_COUNT", len(model.graph.inputs)),
                cgen.define(f"{macro}_OUTPUT_COUNT", len(model.graph.outputs)),
                cgen.define(f"{macro}_LAYER_COUNT", len(plan.layers)),
                cgen.define(f"{macro}_MODEL_SHA256", f'"{model.origin.model_sha256}"'),
            ],
            [line for stem, value in ends for line in _end(stem, value)],
            *extern_c(*_api(model), _conversions(model)),
        ),
    )


def _facts(model: EmittedModel) -> list[str]:
    """What made it, in words that hold nothing of the model's own text."""
    origin = model.origin
    facts = [f"kernels: for {NOT_A_NAME.sub('', origin.cpu)}, goal {origin.goal}, compiled with {origin.optimize}"]
    if origin.quantization.get("method") == "model":
        facts.append("scales: the model's own")
    elif "method" in origin.quantization:
        data = "samples" if origin.quantization["representative"] else "RANDOM samples: they mean nothing"
        facts.append(f"scales: {origin.quantization['method']}, from {origin.quantization['samples']} {data}")
        layers = origin.quantization.get("weights", {}).get("layers", [])
        if layers:
            narrow = sum(layer["bits"] < 8 for layer in layers)
            facts.append(f"weights: 4 bits in {narrow} of {len(layers)} layers")
    facts.append(f"stack of {model.name}_run: `edgewright build` bounds it")
    return ["", *facts]


def _end(stem: str, value: Value) -> list[str]:
    """Sizes, axes and scale of an input or output."""
    shape = [str(size) for size in value.shape] or ["1"]
    perm = None if value.model_perm is None else tuple(value.model_perm)
    layout = "as in the ONNX model" if perm is None else LAYOUTS.get(perm, f"axes {perm} of the ONNX model")
    lines = [
        cgen.define(f"{stem}_BYTES", value.nbytes, f"{value.dtype} {' x '.join(shape)}"),
        cgen.define(f"{stem}_SHAPE", f"{{{', '.join(shape)}}}", layout),
    ]
    if value.quant is not None and value.dtype == "int8":
        lines += [
            cgen.define(f"{stem}_SCALE", f"{value.quant.scale!r}f", "real = (q - zero) * scale"),
            cgen.define(f"{stem}_ZERO", f"({value.quant.zero})"),
        ]
    return lines


def _api(model: EmittedModel) -> list[Sequence[str]]:
    """The type of an instance and what can be done with it."""
    name = model.name
    threads = f", on up to {model.plan.threads} threads" if model.plan.threads > 1 else ""
    return [
        [
            *comment("One instance of the model; any number of them may exist, each with its own arena."),
            *("typedef struct {", "    int8_t *arena;", f"}} {name}_t;"),
        ],
        [
            *comment("Bind an instance to its arena: arena_bytes >= ARENA_BYTES, aligned to ARENA_ALIGN."),
            f"int {name}_init({name}_t *self, void *arena, size_t arena_bytes);",
            *comment("Where to write input `index`, or a null pointer. An inference may overwrite its inputs."),
            f"int8_t *{name}_input({name}_t *self, unsigned index);",
            *comment("Where output `index` stands after a run, or a null pointer; valid until the next run."),
            f"const int8_t *{name}_output(const {name}_t *self, unsigned index);",
            *comment(f"One inference{threads}."),
            f"int {name}_run({name}_t *self);",
            *comment("Run a fixed input through the model and compare a hash of the outputs."),
            f"int {name}_selftest(void *arena);",
        ],
    ]


def _conversions(model: EmittedModel) -> list[str]:
    """Inline functions between real values and int8, for each end that has a scale."""
    lines = []
    for side, values in (("input", model.graph.inputs), ("output", model.graph.outputs)):
        for k, value in enumerate(values):
            if value.quant is None or value.dtype != "int8":
                continue
            scale = f"{model.macro}_{side.upper()}{k}_SCALE, {model.macro}_{side.upper()}{k}_ZERO"
            if side == "input":
                head = f"static inline int8_t {model.name}_quantize_input{k or ''}(float x)"
                lines += function(head, f"return ew_quantize(x, {scale});")
            else:
                head = f"static inline float {model.name}_dequantize_output{k or ''}(int8_t q)"
                lines += function(head, f"return ew_dequantize(q, {scale});")
    return lines
