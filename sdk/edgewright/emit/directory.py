"""Writes the generated directory: sources, used kernels, manifest, reference and model."""

from __future__ import annotations

import json
from pathlib import Path

from edgewright.artifact import Layout, Manifest, replaced
from edgewright.artifact.layout import CMAKE_LISTS, RUNTIME, RUNTIME_INCLUDE, RUNTIME_SOURCES
from edgewright.emit.manifest import manifest
from edgewright.emit.origin import Origin
from edgewright.emit.runtime_files import Runtime, collect_runtime
from edgewright.emit.sources import SourceWriter
from edgewright.ir.store import save_graph
from edgewright.plan import Plan
from edgewright.targets import Cpu, load_cpu


def write_directory(plan: Plan, origin: Origin, name: str, folder: Path, model: bytes) -> Manifest:
    """Write the directory for `plan` and return its manifest.

    model: the ONNX file, kept for later validation. All or nothing; an earlier generated directory is replaced.

    Raises:
        UsageError: `folder` cannot be written, or holds something that Edgewright did not generate.
    """
    runtime = collect_runtime(plan, kernel_options(load_cpu(origin.cpu), origin.optimize))
    writer = SourceWriter(name, plan, origin, runtime.version, runtime.api)
    with replaced(folder) as new:
        return _fill(new, writer, runtime, model)


def _fill(folder: Path, writer: SourceWriter, runtime: Runtime, model: bytes) -> Manifest:
    layout = Layout(writer.name)
    (folder / layout.header).write_text(writer.header())
    (folder / layout.calls).write_text(writer.calls())
    text, header = writer.weights()
    (folder / layout.weights).write_text(text)
    (folder / layout.weights_header).write_text(header)
    (folder / layout.golden).write_text(writer.golden())
    (folder / layout.model).write_bytes(model)
    save_graph(writer.graph, folder / layout.reference)
    for path, text in runtime.files.items():
        (folder / RUNTIME / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / RUNTIME / path).write_text(text)
    kernels = [f"{RUNTIME}/{source}" for source in runtime.sources]
    written = manifest(writer, [layout.calls, layout.weights, layout.golden, *kernels])
    (folder / layout.manifest).write_text(json.dumps(written.to_json(), indent=1) + "\n")
    (folder / CMAKE_LISTS).write_text(cmake_lists(written))
    return written


def kernel_options(cpu: Cpu, optimize: str) -> list[str]:
    """GCC's options for the kernels of a directory."""
    return [*cpu.flags, optimize]


def cmake_lists(manifest: Manifest) -> str:
    """CMakeLists.txt: a static library to link into firmware."""
    name, options = manifest.name, kernel_options(manifest.target.cpu, manifest.optimize)
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
target_compile_options({name} PRIVATE {" ".join(options)})
{threads if manifest.threads > 1 else ""}"""
