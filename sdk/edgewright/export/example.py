"""The program of an export: it runs the self-test, then one sample, and prints the sample's class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgewright import cgen
from edgewright.cgen import Array
from edgewright.cgen.blocks import block, comment, file_text, function, guarded, include
from edgewright.export.model import ExportedModel

#: Prints with the C library.
PRINTF = ("#define SAY(...) printf(__VA_ARGS__)",)


@dataclass(frozen=True)
class Platform:
    """What programs of one framework begin with, how they print and how they start.

    includes: as they stand between `#include` and the end of the line. say: lines that define SAY(format, ...).
    main: the lines behind `static int check(void)`. first: lines before the model's header.
    """

    includes: Sequence[str] = ("<stdio.h>",)
    say: Sequence[str] = PRINTF
    main: Sequence[str] = ("int main(void)", "{", "    return check();", "}")
    first: Sequence[str] = ()


def example(model: ExportedModel, file: str, platform: Platform, *how: str) -> str:
    """The text of the program `file`; how: lines for its head that say how it is built."""
    name, macro = model.name, model.macro
    return file_text(
        model.banner(file, f"runs the self-test of {name}, then one sample, and prints its class", *_gap(how)),
        [*(f"#include {header}" for header in (*platform.includes, "<string.h>"))],
        [*platform.first, include(f"{name}.h"), include(sample_file(model))],
        platform.say,
        [
            f"static int8_t arena[{macro}_ARENA_BYTES] EW_ALIGNED({macro}_ARENA_ALIGN);",
            f"static {name}_t model;",
        ],
        [
            *comment("What the model takes its input for."),
            *function(f"static int {_verdict(model)}(const int8_t *y)", *_class(model)),
        ],
        [
            *comment("0 when the self-test passed, and the sample has the class that the reference gives it."),
            *function("static int check(void)", *_check(model)),
        ],
        platform.main,
    )


def sample_file(model: ExportedModel) -> str:
    """The name of the header with the sample."""
    return f"{model.name}_sample.h"


def sample_header(model: ExportedModel) -> str:
    """The text of that header."""
    sample, file = model.sample, sample_file(model)
    what = "pseudo-random bytes: their class means nothing" if sample.index is None else f"sample {sample.index}"
    arrays = [cgen.array(f"{model.name}_sample{k}", Array(data), static=True) for k, data in enumerate(sample.inputs)]
    return file_text(
        model.banner(file, f"an input of {model.name}: {what}"),
        *guarded(
            f"{model.macro}_SAMPLE_H",
            [cgen.define(f"{model.macro}_SAMPLE_CLASS", sample.expected, "what the integer reference makes of it")],
            arrays,
        ),
    )


def _gap(lines: Sequence[str]) -> list[str]:
    return ["", *lines] if lines else []


def _is_class(model: ExportedModel) -> bool:
    """Whether the first output is a class itself, as that of an ArgMax."""
    return model.manifest.outputs[0].dtype == "int32"


def _verdict(model: ExportedModel) -> str:
    return "first_value" if _is_class(model) else "largest"


def _class(model: ExportedModel) -> list[str]:
    if _is_class(model):
        return ["int32_t value;", "memcpy(&value, y, sizeof value);", "return (int)value;"]
    return [
        "int best = 0, i;",
        *block(f"for (i = 1; i < {model.macro}_OUTPUT0_BYTES; i++)", *block("if (y[i] > y[best])", "best = i;")),
        "return best;",
    ]


def _check(model: ExportedModel) -> list[str]:
    name, macro = model.name, model.macro
    copies = [
        f"memcpy({name}_input(&model, {k}), {name}_sample{k}, sizeof {name}_sample{k});"
        for k in range(len(model.sample.inputs))
    ]
    return [
        f"int seen, status = {name}_selftest(arena);",
        'SAY("self-test: %s\\n", status == EW_OK ? "passed" : "FAILED");',
        *block(f"if (status != EW_OK || {name}_init(&model, arena, sizeof arena) != EW_OK)", "return 1;"),
        *copies,
        *block(f"if ({name}_run(&model) != EW_OK)", "return 1;"),
        f"seen = {_verdict(model)}({name}_output(&model, 0));",
        f'SAY("class %d, expected %d\\n", seen, {macro}_SAMPLE_CLASS);',
        f"return seen == {macro}_SAMPLE_CLASS ? 0 : 1;",
    ]
