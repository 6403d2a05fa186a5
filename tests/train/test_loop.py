"""The parts of the training loop: varied samples, losses, and when it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from edgewright import demo
from edgewright.errors import UsageError
from edgewright.frontend import load_model
from edgewright.pipeline import simplified
from edgewright.quantize import load_samples
from edgewright.train.options import DistillOptions
from tests.harness.small_models import file_of, model, node, weights

torch = pytest.importorskip("torch", reason="training is tested where PyTorch is installed: make test-train")

from edgewright.train.augment import SHIFT, augmentation, vary_images, vary_spectrograms  # noqa: E402
from edgewright.train.data import as_batch, split  # noqa: E402
from edgewright.train.loop import Distillation  # noqa: E402
from edgewright.train.losses import Answer, Objective, divergence, hint  # noqa: E402
from edgewright.train.torch_graph import TorchGraph  # noqa: E402


def generated(*shape: int) -> Any:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def test_images_are_moved_and_mirrored_one_by_one() -> None:
    row = torch.arange(16.0)
    x = (100 * row[:, None] + row).expand(40, 1, 16, 16)
    y = vary_images(x, np.random.default_rng(0))
    most = 16 * SHIFT
    centres = y[:, 0, 8, 8]
    rows, columns = torch.div(centres, 100, rounding_mode="floor"), centres % 100
    assert rows.min() == 8 - most
    assert rows.max() == 8 + most
    assert len(set(columns.tolist())) > 2 * most + 1  # mirrored ones, too
    assert y.shape == x.shape
    assert set(y.unique().tolist()) <= set(x.unique().tolist())


def test_spectrograms_are_moved_in_time_alone() -> None:
    x = (100 * torch.arange(24.0)[:, None] + torch.arange(10.0)).expand(30, 1, 24, 10)
    y = vary_spectrograms(x, np.random.default_rng(0))
    assert (y[:, 0, :, :] % 100 == torch.arange(10.0)).all()
    assert {int(v) // 100 for v in y[:, 0, 12, 0]} == set(range(9, 16))


@pytest.mark.parametrize("name", ["image", "spectrogram"])
def test_what_has_no_such_axes_is_refused(name: str) -> None:
    proto = model([node("MatMul x,w -> y")], {"x": [1, 640]}, {"w": weights(640, 4)})
    with pytest.raises(UsageError, match=rf"--augment {name}: varies one input of .* the model takes 'x' \[1, 640\]"):
        augmentation(name, simplified(file_of(proto)).graph)


def test_held_out_samples_are_not_learned_from() -> None:
    graph = simplified(load_model(demo.model_path())).graph
    batch = as_batch(load_samples(demo.held_out_path(), graph.inputs).first(80))
    learned, held_out = split(batch, np.random.default_rng(0))
    assert (len(learned), len(held_out)) == (70, 10)
    rows = [part.inputs[0].flatten(1).tolist() for part in (learned, held_out)]
    assert not any(row in rows[0] for row in rows[1])
    assert learned.labels is not None


def test_the_divergence_is_that_of_the_definition() -> None:
    student, teacher = generated(5, 3), generated(5, 3).flip(0) * 2
    p, q = (torch.softmax(z.double() / 4, 1) for z in (teacher, student))
    wanted = (p * (p / q).log()).sum(1).mean() * 16
    torch.testing.assert_close(divergence(student, teacher, 4.0).double(), wanted, rtol=1e-4, atol=1e-6)
    assert float(divergence(teacher + 5, teacher, 4.0)) == pytest.approx(0, abs=1e-5)


def test_hints_of_other_widths_compare_what_samples_have_in_common() -> None:
    wanted = generated(8, 6)
    turned = wanted @ torch.linalg.qr(generated(6, 6))[0]
    wide = torch.cat([turned, torch.zeros(8, 3)], 1)
    assert float(hint(wide, wanted)) == pytest.approx(0, abs=1e-6)
    assert float(hint(wide.flip(0), wanted)) > 0.01
    assert float(hint(wanted + wanted.std(), wanted)) == pytest.approx(1, rel=0.1)


def test_labels_are_a_share_of_the_loss() -> None:
    logits, labels = generated(6, 4), torch.tensor([0, 1, 2, 3, 0, 1])
    answer = Answer([logits], {})
    losses = [
        float(Objective(DistillOptions(labels=share), True, [1.0])(answer, answer, labels))
        for share in (0.0, 0.25, 1.0)
    ]
    assert losses[0] == pytest.approx(0, abs=1e-6)
    assert losses[1] == pytest.approx(losses[2] / 4, rel=1e-4)
    assert losses[2] == pytest.approx(float(torch.nn.functional.cross_entropy(logits, labels)), rel=1e-5)


def test_it_ends_when_it_gets_no_better() -> None:
    """A student that is its teacher only gets worse from the first epoch on."""
    graph = simplified(load_model(demo.model_path())).graph
    batch = as_batch(load_samples(demo.calibration_path(), graph.inputs))
    options = DistillOptions(epochs=30, lr=0.2, batch=20, patience=2)
    training = Distillation(TorchGraph(graph), TorchGraph(graph), batch, True, options).run()
    assert len(training.epochs) - 1 < 30
    assert len(training.epochs) - 1 - training.best == 2
    whole = Distillation(TorchGraph(graph), TorchGraph(graph), batch, True, replace(options, patience=None)).run()
    assert len(whole.epochs) == 31


def test_the_seed_is_all_that_chance_depends_on() -> None:
    graph = simplified(load_model(demo.model_path())).graph
    batch = as_batch(load_samples(demo.calibration_path(), graph.inputs))

    def trained(seed: int) -> tuple[float, ...]:
        options = DistillOptions(epochs=2, batch=20, seed=seed, augment="image", mixup=0.3)
        training = Distillation(TorchGraph(graph), TorchGraph(graph), batch, True, options).run()
        return tuple(epoch.held_out for epoch in training.epochs)

    assert trained(3) == trained(3)
    assert trained(3) != trained(4)
