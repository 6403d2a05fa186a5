"""A trained student from two graphs and samples: what the verbs ask of this package."""

from __future__ import annotations

import numpy as np

from edgewright.compress.quality import is_classifier, reconstructs
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.quantize import Progress, Samples
from edgewright.train.batch_norm import NormalizedGraph
from edgewright.train.checkpoint import Checkpoint
from edgewright.train.data import Batch, as_batch
from edgewright.train.integer import IntegerGraph
from edgewright.train.loop import Distillation
from edgewright.train.options import WEIGHT_BITS, DistillOptions, Training
from edgewright.train.reproducible import on_threads
from edgewright.train.torch_graph import TorchGraph, run_in_chunks

#: Samples on which normalization begins.
MEASURED = 512


def distilled(
    student: Graph[Op],
    teacher: Graph[Op],
    samples: Samples,
    options: DistillOptions,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
    resume: bool = False,
) -> tuple[Graph[Op], Training]:
    """The student with the weights of its best epoch, and how it came there. Both graphs stay as they are.

    student: float, or with a scale on every value where `options.weights` asks for integers; it comes back with its
    weights rounded and their scales.
    samples: with labels, the largest number of an output names a class even without a softmax. progress, checkpoint,
    resume: see `Distillation.run`.

    Raises:
        UsageError: the options or the samples do not fit.
        UnsupportedError: nodes that cannot be trained through.
        AccuracyError: the training diverged.
    """
    with on_threads(options.threads):
        batch = as_batch(samples)
        net = network(student, options, batch)
        classifies = is_classifier(teacher) or (samples.labels is not None and not reconstructs(teacher))
        run = Distillation(net, TorchGraph(teacher), batch, classifies, options)
        training = run.run(progress, checkpoint, resume)
        return net.stored(), training


def network(graph: Graph[Op], options: DistillOptions, batch: Batch) -> TorchGraph:
    """What the options train: floats, normalized or not, or integers. batch: samples, on which normalization begins."""
    if options.weights is not None:
        return IntegerGraph(graph, WEIGHT_BITS[options.weights])
    if options.batch_norm:
        return NormalizedGraph(graph, [x[:MEASURED] for x in batch.inputs])
    return TorchGraph(graph)


def integer_outputs(graph: Graph[Op], weights: str, samples: Samples) -> list[np.ndarray]:
    """The real values of the outputs [n, ...] as the integer kernels give them, before a final softmax.

    graph: with a scale on every value, which stays as it is. weights: one of `WEIGHT_BITS`.
    """
    with on_threads(1):
        return [y.numpy() for y in run_in_chunks(IntegerGraph(graph, WEIGHT_BITS[weights]), as_batch(samples).inputs)]
