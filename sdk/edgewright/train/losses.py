"""What a student is told about its difference to the teacher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from edgewright.errors import UsageError
from edgewright.train.options import DistillOptions
from edgewright.train.torch_graph import TorchGraph

#: Weight of the squared difference of logits, in units of the teacher's variance, beside the divergence of classes: it
#: alone teaches where the teacher is sure.
LOGITS = 0.3
LEAST_VARIANCE = 1e-12


@dataclass(frozen=True, eq=False)
class Answer:
    """What a network gives for a batch. outputs: before a final softmax; inner: values by name."""

    outputs: list[Tensor]
    inner: Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Objective:
    """The loss of a student's answer.

    classifies: whether the largest number of the only output names a class. variances: of the teacher's outputs over
    the data, which are what differences are measured in. hinted: names of the inner values that hints are about.
    """

    options: DistillOptions
    classifies: bool
    variances: Sequence[float]
    hinted: Sequence[str] = ()

    def __call__(self, student: Answer, teacher: Answer, labels: Tensor | None) -> Tensor:
        """A scalar. labels: of `Batch`."""
        pairs = zip(student.outputs, teacher.outputs, self.variances, strict=True)
        squares = sum(functional.mse_loss(y, t) / v for y, t, v in pairs) / len(self.variances)
        loss = squares
        if self.classifies:
            loss = divergence(student.outputs[0], teacher.outputs[0], self.options.temperature) + LOGITS * squares
        share = self.options.labels
        if labels is not None and share:
            loss = (1 - share) * loss + share * functional.cross_entropy(student.outputs[0].flatten(1), labels)
        for name in self.hinted:
            loss = loss + self.options.hints / len(self.hinted) * hint(student.inner[name], teacher.inner[name])
        return loss


def divergence(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Kullback-Leibler divergence of the classes' probabilities at a temperature, mean over samples.

    Source: G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network", 2015, section 2: times the
    square of the temperature, so that gradients keep their size.
    """
    soft = [torch.log_softmax(logits.flatten(1) / temperature, 1) for logits in (student, teacher)]
    return functional.kl_div(soft[0], soft[1], reduction="batchmean", log_target=True) * temperature**2


def hint(own: Tensor, wanted: Tensor) -> Tensor:
    """How an inner value of the student [n, ...] differs from the teacher's, as a scalar.

    Of one shape: the squared difference over the teacher's variance. Otherwise, as after pruning, what both say of how
    much any two samples of the batch resemble each other.
    Source: F. Tung, G. Mori, "Similarity-Preserving Knowledge Distillation", ICCV 2019, equations 1 to 4.
    """
    if own.shape == wanted.shape:
        return functional.mse_loss(own, wanted) / (wanted.var(unbiased=False) + LEAST_VARIANCE)
    alike = [functional.normalize(rows @ rows.T) for rows in (own.flatten(1), wanted.flatten(1))]
    return functional.mse_loss(alike[0], alike[1])


def variances(outputs: Sequence[Tensor]) -> list[float]:
    """Of each output [n, ...] over the samples; of a single one over its elements."""
    found = [float(y.var(0, unbiased=False).mean() if len(y) > 1 else y.var(unbiased=False)) for y in outputs]
    return [max(v, LEAST_VARIANCE) for v in found]


def common_values(student: TorchGraph, teacher: TorchGraph) -> list[str]:
    """Names of the computed inner values that both networks have.

    Raises:
        UsageError: there are none.
    """
    names = {v.name for node in teacher.graph.nodes for v in node.outputs if not teacher.graph.is_output(v)}
    inner = [v.name for node in student.graph.nodes for v in node.outputs if not student.graph.is_output(v)]
    found = [name for name in inner if name in names]
    if not found:
        raise UsageError("--hints: student and teacher have no inner value of one name; leave it out")
    return found
