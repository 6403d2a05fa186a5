"""A trained student from two graphs and samples: what the verbs ask of this package."""

from __future__ import annotations

from edgewright.compress.quality import is_classifier, reconstructs
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.quantize import Progress, Samples
from edgewright.train.batch_norm import NormalizedGraph
from edgewright.train.checkpoint import Checkpoint
from edgewright.train.data import as_batch
from edgewright.train.loop import Distillation
from edgewright.train.options import DistillOptions, Training
from edgewright.train.reproducible import on_threads
from edgewright.train.torch_graph import TorchGraph

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

    samples: with labels, the largest number of an output names a class even without a softmax. progress, checkpoint,
    resume: see `Distillation.run`.

    Raises:
        UsageError: the options or the samples do not fit.
        UnsupportedError: nodes that cannot be trained through.
        AccuracyError: the training diverged.
    """
    with on_threads(options.threads):
        batch = as_batch(samples)
        net = TorchGraph(student)
        if options.batch_norm:
            net = NormalizedGraph(student, [x[:MEASURED] for x in batch.inputs])
        classifies = is_classifier(teacher) or (samples.labels is not None and not reconstructs(teacher))
        run = Distillation(net, TorchGraph(teacher), batch, classifies, options)
        training = run.run(progress, checkpoint, resume)
        return net.stored(), training
