"""The training loop: a student learns to answer as its teacher does."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from edgewright.errors import AccuracyError, UsageError
from edgewright.quantize import Progress
from edgewright.train.augment import augmentation, mixed
from edgewright.train.checkpoint import Checkpoint
from edgewright.train.data import Batch, split
from edgewright.train.losses import Answer, Objective, common_values, variances
from edgewright.train.options import DistillOptions, Epoch, Training
from edgewright.train.torch_graph import CHUNK, TorchGraph, run_in_chunks


class Distillation:
    """A student, its teacher, and the data between them.

    classifies: whether the largest number of the only output names a class. samples: some of them are held out and
    tell when the student was best.

    Raises:
        UsageError: the samples are too few, lack the labels that the options ask for, or do not fit them.
    """

    def __init__(
        self, student: TorchGraph, teacher: TorchGraph, samples: Batch, classifies: bool, options: DistillOptions
    ) -> None:
        self.student, self.teacher, self.options = student, teacher, options
        if options.labels and (samples.labels is None or not classifies):
            what = "a model that names classes" if samples.labels is not None else "an array 'y' in the data"
            raise UsageError(f"--labels {options.labels:g}: needs {what}; leave it out to learn from the teacher alone")
        if not options.labels:
            samples = Batch(samples.inputs, None)
        self.augment = augmentation(options.augment, student.graph)
        self.rng = np.random.default_rng(options.seed)
        self.learned, self.held_out = split(samples, self.rng)
        self.batch = min(options.batch, len(self.learned))
        self._fixed = run_in_chunks(teacher, self.learned.inputs)
        self.classes = self._fixed[0][0].numel()
        if samples.labels is not None and int(samples.labels.max()) >= self.classes:
            raise UsageError(f"data: label {int(samples.labels.max())}, the model has {self.classes} outputs")
        hinted = common_values(student, teacher) if options.hints else []
        self.objective = Objective(options, classifies, variances(self._fixed), hinted)
        self.optimizer = torch.optim.Adam(
            [{"params": [p], "relative": _size(p)} for p in student.learned], options.lr, foreach=False
        )
        self.epochs = [Epoch(None, self._loss_held_out())]
        # The start is no candidate: the student may have been fitted to samples that are held out only from now on.
        self.best, self._best_state = 0, student.state()

    @property
    def steps(self) -> int:
        """Of one epoch."""
        return len(self.learned) // self.batch

    def run(
        self, progress: Progress | None = None, checkpoint: Checkpoint | None = None, resume: bool = False
    ) -> Training:
        """Train to the end; the student then has the weights of its best epoch.

        progress: told after every step. checkpoint: gets the state after every epoch; resume: begin with what it has.

        Raises:
            AccuracyError: the loss became NaN or infinite.
            UsageError: as `Checkpoint.begin` and `Checkpoint.save`.
        """
        state = None if checkpoint is None else checkpoint.begin(resume)
        if state is not None and checkpoint is not None:
            try:
                self._restore(state)
            except (KeyError, ValueError, TypeError, RuntimeError):
                raise UsageError(
                    f"{checkpoint.path}: lacks a part of the training, or holds another; begin anew"
                ) from None
        while not self._ended:
            loss = self._epoch(progress)
            self.epochs.append(Epoch(loss, self._loss_held_out()))
            if not self.best or self.epochs[-1].held_out < self.epochs[self.best].held_out:
                self.best, self._best_state = len(self.epochs) - 1, self.student.state()
            if checkpoint is not None:
                checkpoint.save(self._state())
        self.student.load(self._best_state)
        return Training(len(self.learned), len(self.held_out), self.best, tuple(self.epochs))

    @property
    def _ended(self) -> bool:
        done, patience = len(self.epochs) - 1, self.options.patience
        return done >= self.options.epochs or (patience is not None and done - self.best >= patience)

    # ---- one epoch ----

    def _epoch(self, progress: Progress | None) -> float:
        """The mean loss of its steps."""
        done = len(self.epochs) - 1
        total, losses = self.options.epochs * self.steps, []
        with self.student.learning():
            for step, (batch, wanted) in enumerate(self._batches(), done * self.steps):
                for group in self.optimizer.param_groups:
                    group["lr"] = self.options.lr * group["relative"] * 0.5 * (1 + math.cos(math.pi * step / total))
                loss = self.objective(self._answer(self.student, batch.inputs), wanted, batch.labels)
                losses.append(float(loss.detach()))
                if not math.isfinite(losses[-1]):
                    raise AccuracyError(f"training: the loss is {losses[-1]} in epoch {done + 1}; lower --lr")
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                if progress is not None:
                    progress(step + 1, total)
        return float(np.mean(losses))

    def _batches(self) -> Iterator[tuple[Batch, Answer]]:
        """Varied samples in random order, and what the teacher says to them."""
        order = self.rng.permutation(len(self.learned))
        for k in range(0, self.steps * self.batch, self.batch):
            index = order[k : k + self.batch]
            batch = self.learned.take(index)
            if self.augment is None and not self.options.mixup and not self.objective.hinted:
                pick = torch.as_tensor(index)
                yield batch, Answer([y[pick] for y in self._fixed], {})
            else:
                batch = self._varied(batch)
                with torch.no_grad():
                    wanted = self._answer(self.teacher, batch.inputs)
                yield batch, wanted

    def _varied(self, batch: Batch) -> Batch:
        inputs, labels = batch.inputs, batch.labels
        if self.augment is not None:
            inputs = [self.augment(x, self.rng) for x in inputs]
        if self.options.mixup:
            share = float(self.rng.beta(self.options.mixup, self.options.mixup))
            partner = self.rng.permutation(len(batch))
            inputs = [mixed(x, share, partner) for x in inputs]
            if labels is not None:
                labels = mixed(functional.one_hot(labels, self.classes).float(), share, partner)
        return Batch(inputs, labels)

    def _answer(self, net: TorchGraph, inputs: list[Tensor]) -> Answer:
        seen: dict[str, Tensor] | None = {} if self.objective.hinted else None
        return Answer(net(inputs, seen), seen or {})

    def _loss_held_out(self) -> float:
        """The loss on samples that nothing is learned from, as they are."""
        total = 0.0
        for k in range(0, len(self.held_out), CHUNK):
            part = self.held_out.take(slice(k, k + CHUNK))
            with torch.no_grad():
                answers = [self._answer(net, part.inputs) for net in (self.student, self.teacher)]
                total += len(part) * float(self.objective(answers[0], answers[1], part.labels))
        return total / len(self.held_out)

    # ---- the state ----

    def _state(self) -> dict[str, np.ndarray]:
        """All that the next epoch depends on."""
        arrays = {
            "random": np.array(json.dumps(self.rng.bit_generator.state)),
            "best": np.array(self.best),
            "epochs": np.array([[np.nan if e.loss is None else e.loss, e.held_out] for e in self.epochs]),
        }
        for kind, state in (("now", self.student.state()), ("kept", self._best_state)):
            arrays |= {f"{kind}{k}": tensor.numpy() for k, tensor in enumerate(state.values())}
        for k, parameter in enumerate(self.student.learned):
            arrays |= {f"{name}{k}": v.numpy() for name, v in self.optimizer.state[parameter].items()}
        return arrays

    def _restore(self, arrays: dict[str, np.ndarray]) -> None:
        names = list(self.student.state())
        now, kept = (
            {name: torch.tensor(arrays[f"{kind}{k}"]) for k, name in enumerate(names)} for kind in ("now", "kept")
        )
        self.student.load(now)
        self._best_state, self.best = kept, int(arrays["best"])
        for k, parameter in enumerate(self.student.learned):
            moments = {name: torch.tensor(arrays[f"{name}{k}"]) for name in ("step", "exp_avg", "exp_avg_sq")}
            self.optimizer.state[parameter] = moments
        self.rng.bit_generator.state = json.loads(str(arrays["random"]))
        self.epochs = [Epoch(None if math.isnan(a) else float(a), float(b)) for a, b in arrays["epochs"]]


def _size(parameter: Tensor) -> float:
    """Root mean square; of a parameter that is all zero, 0.01."""
    return float(parameter.detach().square().mean().sqrt()) or 0.01
