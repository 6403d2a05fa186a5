"""Writes the generated directory: sources, used kernels, manifest, reference and model."""

from __future__ import annotations

import json
from pathlib import Path

from edgewright.artifact import Layout, Manifest, replaced
from edgewright.artifact.layout import CMAKE_LISTS, RUNTIME
from edgewright.cgen.template import render
from edgewright.emit.calls import calls
from edgewright.emit.constants import Constants, weights, weights_header
from edgewright.emit.header import header
from edgewright.emit.manifest import manifest
from edgewright.emit.model import EmittedModel
from edgewright.emit.origin import Origin
from edgewright.emit.runtime_files import Runtime, collect_runtime
from edgewright.emit.selftest import selftest
from edgewright.ir.store import save_graph
from edgewright.plan import Plan
from edgewright.targets import Cpu, load_cpu


def write_directory(plan: Plan, origin: Origin, name: str, folder: Path, model: bytes) -> Manifest:
    """Write the directory for `plan` and return its manifest.

    model: the ONNX file, kept for later validation. All or nothing; an earlier generated directory is replaced.

    Raises:
        UsageError: `folder` cannot be written, or holds something that Edgewright did not generate.
    """
    written, texts = generated(plan, origin, name)
    with replaced(folder) as new:
        (new / Layout(name).model).write_bytes(model)
        save_graph(plan.graph, new / Layout(name).reference)
        for path, text in texts.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).write_text(text)
    return written


def generated(plan: Plan, origin: Origin, name: str) -> tuple[Manifest, dict[str, str]]:
    """The manifest of a directory for `plan`, and the text of each of its files, by path."""
    runtime = collect_runtime(plan, kernel_options(load_cpu(origin.cpu), origin.optimize))
    return _texts(EmittedModel(name, plan, origin, runtime.version, runtime.api), runtime)


def _texts(model: EmittedModel, runtime: Runtime) -> tuple[Manifest, dict[str, str]]:
    layout, constants = Layout(model.name), Constants(model.name)
    kernels = [f"{RUNTIME}/{source}" for source in runtime.sources]
    texts = {
        **{f"{RUNTIME}/{path}": text for path, text in runtime.files.items()},
        layout.header: header(model),
        layout.calls: calls(model, constants),
        layout.weights: weights(model, constants),
        layout.weights_header: weights_header(model, constants),
        layout.golden: selftest(model),
    }
    written = manifest(model, constants.bytes, [layout.calls, layout.weights, layout.golden, *kernels])
    texts[layout.manifest] = json.dumps(written.to_json(), indent=1) + "\n"
    texts[CMAKE_LISTS] = cmake_lists(written)
    return written, texts


def kernel_options(cpu: Cpu, optimize: str) -> list[str]:
    """GCC's options for the kernels of a directory."""
    return [*cpu.flags, optimize]


def cmake_lists(manifest: Manifest) -> str:
    """CMakeLists.txt: a static library to link into firmware."""
    return render(
        Path(__file__).with_name("CMakeLists.txt.jinja"),
        name=manifest.name,
        version=manifest.edgewright,
        sources=manifest.sources,
        optimize=manifest.optimize,
        flags=manifest.target.cpu.flags,
        threads=manifest.threads > 1,
    )
