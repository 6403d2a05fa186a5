"""Writes the generated directory: sources, used kernels, manifest, reference and model."""

from __future__ import annotations

import json
from pathlib import Path

from edgewright.artifact import Layout, Manifest, replaced
from edgewright.artifact.layout import CMAKE_LISTS, RUNTIME, RUNTIME_INCLUDE, RUNTIME_SOURCES
from edgewright.emit.manifest import manifest
from edgewright.emit.origin import Origin
from edgewright.emit.runtime_files import copy_runtime
from edgewright.emit.sources import SourceWriter
from edgewright.ir.store import save_graph
from edgewright.plan import Plan


def write_directory(plan: Plan, origin: Origin, name: str, folder: Path, model: bytes) -> Manifest:
    """Write the directory for `plan` and return its manifest.

    model: the ONNX file, kept for later validation. All or nothing; an earlier generated directory is replaced.

    Raises:
        UsageError: `folder` cannot be written, or holds something that Edgewright did not generate.
    """
    writer = SourceWriter(name, plan, origin)
    with replaced(folder) as new:
        return _fill(new, writer, model)


def _fill(folder: Path, writer: SourceWriter, model: bytes) -> Manifest:
    layout = Layout(writer.name)
    (folder / layout.header).write_text(writer.header())
    (folder / layout.calls).write_text(writer.calls())
    text, header = writer.weights()
    (folder / layout.weights).write_text(text)
    (folder / layout.weights_header).write_text(header)
    (folder / layout.golden).write_text(writer.golden())
    (folder / layout.model).write_bytes(model)
    save_graph(writer.graph, folder / layout.reference)
    kernels = copy_runtime(writer.plan, folder / RUNTIME)
    written = manifest(writer, [layout.calls, layout.weights, layout.golden, *kernels])
    (folder / layout.manifest).write_text(json.dumps(written.to_json(), indent=1) + "\n")
    (folder / CMAKE_LISTS).write_text(cmake_lists(written))
    return written


def cmake_lists(manifest: Manifest) -> str:
    """CMakeLists.txt: a static library to link into firmware."""
    name, flags = manifest.name, [*manifest.target.cpu.flags, manifest.optimize]
    threads = f"find_package(Threads REQUIRED)\ntarget_link_libraries({name} PUBLIC Threads::Threads)\n"
    listed = "\n".join(f"    {source}" for source in manifest.sources)
    return f"""# Builds {name} as a static library: add_subdirectory() this folder and link the target `{name}`.
cmake_minimum_required(VERSION 3.13)
project({name} C ASM)

add_library({name} STATIC
{listed}
)
target_include_directories({name} PUBLIC . {RUNTIME_INCLUDE} PRIVATE {RUNTIME_SOURCES})
target_compile_features({name} PUBLIC c_std_99)
target_compile_options({name} PRIVATE {" ".join(flags)})
{threads if manifest.threads > 1 else ""}"""
