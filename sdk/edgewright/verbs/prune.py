"""`prune`: a model without its least important channels or weights, repaired, and judged on data it has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edgewright.blas import on_one_thread
from edgewright.compress import Amount, Judge, Pruner, PruneReport, Quality, affordable, check_quality, prune_within
from edgewright.compress.quality import RUINED_POINTS, check_max_drop
from edgewright.errors import AccuracyError, UsageError
from edgewright.frontend import load_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.pipeline import simplified
from edgewright.quantize import Progress, Samples, named_samples, random_samples
from edgewright.train import require_torch
from edgewright.train.options import DistillOptions, Training
from edgewright.verbs.onnx_file import check_output, write_onnx
from edgewright.verbs.record import FLAT, OPTIONAL, Record

#: More samples than these change the fits, and the verdict, little.
MOST_CALIBRATION, MOST_JUDGED = 512, 2000


@dataclass(frozen=True)
class PruneOptions:
    """How a model is pruned; the same words are the options of `edgewright prune`.

    One of these says how much goes: amount, the share of the channels (magnitude: weights) to remove; target_macs,
    target_bytes, what is to be left, up to 1 as a share, beyond it as a number; none of them, with max_drop, as much as
    its points allow. max_drop: points of top-1 that may be lost (without labels of agreement; of what is no classifier,
    percent of noise), None for RUINED_POINTS. method: see `compress.METHODS`, None for "obs" with calibration data and
    "l1" without. round_to: layers keep multiples of so many channels. refit: None for "with calibration data".
    allow_ruin: write the model whatever it lost. finetune: epochs of distillation after the refit (needs PyTorch), 0
    for none.
    """

    amount: float | None = None
    target_macs: float | None = None
    target_bytes: float | None = None
    max_drop: float | None = None
    method: str | None = None
    round_to: int = 4
    refit: bool | None = None
    allow_ruin: bool = False
    finetune: int = 0

    def __post_init__(self) -> None:
        given = [n for n in ("amount", "target_macs", "target_bytes") if getattr(self, n) is not None]
        if len(given) > 1:
            raise UsageError(f"{' and '.join('--' + n.replace('_', '-') for n in given)}: give one of them")
        check_max_drop(self.max_drop)
        if self.amount is not None:
            Amount("channels", self.amount)
        if self.finetune < 0:
            raise UsageError(f"--finetune {self.finetune}: must be 0 or more epochs")

    @property
    def searches(self) -> bool:
        """Whether the amount is to be found."""
        asked = (self.amount, self.target_macs, self.target_bytes)
        return self.max_drop is not None and asked == (None, None, None) and self.method != "lossless"

    def amount_of(self, pruner: Pruner) -> Amount | None:
        """How much goes of one model, shares as numbers."""
        if self.amount is not None:
            return Amount("channels", self.amount)
        for kind, value in (("macs", self.target_macs), ("bytes", self.target_bytes)):
            if value is not None:
                return Amount(kind, value * pruner.selection.full(kind) if 0 < value <= 1 else value)
        return None


@dataclass(frozen=True)
class Finetuned:
    """before: the quality that a fine-tuning began with. training: what it did."""

    before: Quality
    training: Training


@dataclass(frozen=True)
class Pruned(Record):
    """The file `output`, made of `model`; None when it lost more than it may, and nothing was written.

    report: what was asked and what came of it, per layer and in all. quality: against the model as it came, on samples
    that had no part in it. calibration: how many samples had. representative: False for random data. finetuned: None
    when nothing was trained.
    """

    model: str
    output: Path | None
    calibration: int
    representative: bool
    quality: Quality
    max_drop: float
    report: PruneReport = field(metadata=FLAT)
    finetuned: Finetuned | None = field(default=None, metadata=OPTIONAL)

    def check(self) -> None:
        """Raise AccuracyError when the model was ruined and not written."""
        if self.output is None:
            tuned = self.finetuned
            if tuned is not None and not self.quality.drop <= tuned.before.drop:
                raise AccuracyError(
                    f"{self.model}: not written: --finetune made it worse, a loss of {self.quality.drop:.1f} that was "
                    f"{tuned.before.drop:.1f} before; leave it out, or train with `edgewright distill`"
                )
            check_quality(self.model, self.quality, self.max_drop, f"{self._remedy}, or --allow-ruin writes it")

    @property
    def _remedy(self) -> str:
        if not self.calibration:
            return "give --calib DATA.npz, so that data choose what goes and what is left is refitted"
        return "ask for less" if self.report.refitted_layers else "ask for less, or leave --no-refit out"


@dataclass(frozen=True, eq=False)
class PruneData:
    """calibration: what methods and refits learn from, maybe nothing. judged: others, to measure on."""

    calibration: Samples | None
    judged: Samples

    @property
    def few_judged(self) -> Samples:
        """At most MOST_JUDGED of those to measure on, evenly spread."""
        return self.judged.every(max(1, -(-len(self.judged) // MOST_JUDGED)), 0)

    @property
    def representative(self) -> bool:
        """Whether nothing of it is random."""
        return self.judged.representative and (self.calibration is None or self.calibration.representative)


@on_one_thread
def prune(
    model: str | Path,
    out: str | Path,
    calib: str | Path | None = None,
    data: str | Path | None = None,
    options: PruneOptions | None = None,
    *,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    progress: Progress | None = None,
) -> Pruned:
    """Cut channels (or single weights) of a model and refit what is left; ONNX in, ONNX out.

    calib, data: see `prune_data`. The result is only written when it loses less than it may: see `Pruned.check`, which
    is for the caller to call.

    Raises:
        UsageError: an option is out of range, the data are, or `out` is the model itself.
        AccuracyError: no cut stays within `max_drop`, or the fine-tuning diverged.
        ToolError: fine-tuning is asked for and PyTorch is not installed.
        UnsupportedError: nodes that cannot be trained through.
        MismatchError: the cut graph does not compute what the masked one does.
    """
    model, out, options = Path(model), Path(out), options or PruneOptions()
    check_output(out, model)
    if options.finetune:
        require_torch("prune --finetune")
        if calib is None:
            raise UsageError("--finetune: learns from data and there is none; give --calib DATA.npz")
    graph = simplified(load_model(model), shapes).graph
    given = prune_data(graph, calib, data)
    pruner, judge = pruner_and_judge(graph, given, options)
    if options.searches and options.max_drop is not None:
        fits = given.calibration is not None if options.refit is None else options.refit
        result, quality = prune_within(pruner, judge, options.max_drop, fits, progress)
    else:
        result = pruner.prune(options.amount_of(pruner), options.refit, progress)
        quality = judge(result.graph)
    most = RUINED_POINTS if options.max_drop is None else options.max_drop
    pruned, worst, finetuned = result.graph, most, None
    if options.finetune and given.calibration is not None:
        from edgewright.train.distillation import distilled  # imports PyTorch

        pruned, training = distilled(pruned, graph, given.calibration, finetuning(options.finetune), progress)
        worst, finetuned = min(most, quality.drop), Finetuned(quality, training)
        quality = judge(pruned)
    wanted = options.allow_ruin or quality.drop <= worst
    if wanted:
        write_onnx(pruned, out)
    return Pruned(
        model.name, out if wanted else None, len(pruner.samples), given.representative, quality, most, result.report,
        finetuned,
    )  # fmt: skip


def finetuning(epochs: int) -> DistillOptions:
    """What `--finetune` trains with: what does well on few samples of any kind."""
    return DistillOptions(epochs, lr=0.01, mixup=0.5, batch_norm=True)


def prune_data(graph: Graph[Op], calib: str | Path | None, data: str | Path | None) -> PruneData:
    """The data of a pruning: `.npz` files or "random".

    calib: to learn from. data: to judge on; None for every second sample of `calib`, which then learns from the others.
    Without both, random inputs must do to judge on.
    """
    if calib is None:
        judged = random_samples(graph.inputs) if data is None else named_samples(data, graph.inputs)
        return PruneData(None, judged)
    samples = named_samples(calib, graph.inputs)
    if data is None:
        return PruneData(samples.every(2, 0), samples.every(2, 1))
    return PruneData(samples, named_samples(data, graph.inputs))


def pruner_and_judge(graph: Graph[Op], given: PruneData, options: PruneOptions) -> tuple[Pruner, Judge]:
    """What prunes a graph, and what judges the result."""
    judged = given.few_judged
    judge = Judge(graph, judged, judged.labels, random=not judged.representative, source=judged.source)
    count = min(MOST_CALIBRATION, affordable(graph))
    samples = None if given.calibration is None else list(given.calibration.spread(count))
    return Pruner(graph, options.method, round_to=options.round_to, samples=samples), judge
