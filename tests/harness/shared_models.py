"""The shared models that tests read where they are present, and how a test runs them."""

import os
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from onnx import ModelProto

from edgewright.frontend import import_model, load_model
from edgewright.ir import AnyGraph, Graph
from edgewright.ops import Op
from edgewright.passes import run_passes
from edgewright.passes.fold_affine import fold_affine
from edgewright.passes.fuse_clamp import fuse_clamp
from edgewright.passes.fuse_unary import fuse_unary

ROOT = Path(__file__).parent.parent.parent
MODELS = Path(os.environ.get("EDGEWRIGHT_MODELS", ROOT.parent / "shared" / "models"))


def shared_file(*parts: str) -> Path:
    """A file below the folder of shared models; the test is skipped when it is not there."""
    path = MODELS.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"{'/'.join(parts)} is not among the shared models; EDGEWRIGHT_MODELS names their folder")
    return path


def float_graph(path: Path) -> Graph[Op]:
    """The float graph of a model after the passes that fold and fuse."""
    graph = import_model(load_model(path))
    run_passes(graph, [fold_affine, fuse_clamp, fuse_unary])
    return graph


def samples(folder: str, file: str, count: int) -> list[list[np.ndarray]]:
    """The first `count` samples of a data file as float32 inputs with a batch of one."""
    data = dict(np.load(shared_file(folder, file)))
    x = data["x"][:count].astype(np.float32)
    x = (x - np.float32(data.get("offset", 0))) * np.float32(data.get("scale", 1))
    return [[x[i : i + 1]] for i in range(len(x))]


def random_inputs(graph: AnyGraph, seed: int = 0) -> list[np.ndarray]:
    """Standard normal inputs of the right shapes."""
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(value.shape).astype(np.float32) for value in graph.inputs]


def run_onnx(model: Path | ModelProto, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """The outputs of ONNX Runtime, its graph optimizations off."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    source = model.SerializeToString() if isinstance(model, ModelProto) else str(model)
    session = ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    names = [info.name for info in session.get_inputs()]
    results: list[np.ndarray] = session.run(None, dict(zip(names, inputs, strict=True)))
    return results
