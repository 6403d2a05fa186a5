"""`single-header`: API, kernels and weights in one file, compiled where a macro asks for it."""

import re

from edgewright.artifact.layout import RUNTIME_INCLUDE
from edgewright.cgen.blocks import comment, file_text, version_check
from edgewright.export.example import Platform, example, sample_file, sample_header
from edgewright.export.flat import FlatText
from edgewright.export.format import Files, Format
from edgewright.export.model import ExportedModel

VERSION = re.compile(r"^#define EW_RUNTIME_VERSION 0x([0-9a-f]{8})u$", re.MULTILINE)
#: The body is C: a C++ compiler need not say that of every cast.
QUIET = ["#if defined(__cplusplus) && defined(__GNUC__)", "#pragma GCC diagnostic push"]
QUIET += ['#pragma GCC diagnostic ignored "-Wold-style-cast"', "#endif"]
LOUD = ["#if defined(__cplusplus) && defined(__GNUC__)", "#pragma GCC diagnostic pop", "#endif"]
#: An array that other files of a directory see; here nobody else does.
SHARED_ARRAY = re.compile(r"^const (?=\w+ \w+\[)", re.MULTILINE)


class SingleHeader(Format):
    """NAME.h in the manner of the stb libraries. Portable C alone: assembly cannot stand in a header."""

    name = "single-header"
    summary = "one .h with API, portable kernels and weights; NAME_IMPLEMENTATION in one source file"
    portable = True

    def files(self, model: ExportedModel) -> Files:
        name, header = model.name, model.layout.header
        unit = Platform(first=(f"#define {model.macro}_IMPLEMENTATION",))
        return {
            header: single_header(model),
            "example/main.c": example(model, "main.c", unit, "cc -I.. main.c -o main"),
            f"example/{sample_file(model)}": sample_header(model),
            "README.md": (
                f"# {name}\n\nInclude `{header}` wherever the model is used, and in one source file define"
                f" `{model.macro}_IMPLEMENTATION` before.\n\n    cc -I. example/main.c -o {name} && ./{name}\n"
            ),
        }


def single_header(model: ExportedModel) -> str:
    """The text of NAME.h."""
    name, macro, layout = model.name, model.macro, model.layout
    flat = FlatText(model.texts)
    api = flat.header(layout.header)
    flat.skip(layout.weights_header)
    kernels_header = flat.header(f"{RUNTIME_INCLUDE}/ew_kernels.h")
    match = VERSION.search(kernels_header)
    assert match is not None
    version = match[1]
    check = version_check(
        "EW_RUNTIME_VERSION",
        version,
        "the kernels of another Edgewright came before these: put the implementations in different source files",
    )
    kernels = []
    for source in model.sources:
        if source.startswith("runtime/"):
            stem = source.rsplit("/", 1)[1].removesuffix(".c")
            guard = f"{stem.upper()}_{version.upper()}"
            body = flat.source(source, f"{stem}_")
            kernels.append([f"#ifndef {guard}", f"#define {guard}", body.strip("\n"), "#endif"])
    weights = SHARED_ARRAY.sub("static const ", flat.source(layout.weights, f"{name}_"))
    own = [flat.source(path, f"{name}_") for path in (layout.calls, layout.golden)]
    how = [
        f"Include it wherever {name} is used. In one source file of the program, C or C++, say",
        f"#define {macro}_IMPLEMENTATION before: that one gets the kernels and the weights.",
        "Kernels: portable C. The text is Edgewright's; the weights are the model's and belong to whoever owns it.",
    ]
    return file_text(
        model.banner(layout.header, f"the neural network {name} in one file", "", *how),
        [api.strip("\n")],
        [f"#if defined({macro}_IMPLEMENTATION) && !defined({macro}_IMPLEMENTED)", f"#define {macro}_IMPLEMENTED"],
        QUIET,
        [kernels_header.strip("\n")],
        check,
        *kernels,
        comment("Constants of the model."),
        [weights.strip("\n")],
        *([text.strip("\n")] for text in own),
        LOUD,
        [f"#endif /* {macro}_IMPLEMENTATION */"],
    )
