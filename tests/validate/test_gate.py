"""The accuracy gate: what it measures for classifiers, unlabelled models and autoencoders, and that it can fail."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgewright import api, demo
from edgewright.artifact import open_directory
from edgewright.cli import check_accuracy
from edgewright.errors import AccuracyError, UsageError
from edgewright.ir import Graph, Node, Value
from edgewright.quantize import load_samples
from edgewright.validate import validate
from edgewright.validate.validation import is_autoencoder
from tests.harness.elementwise_cases import lut_table
from tests.harness.norm_cases import log_softmax_table, softmax_table


def document(base: float | None, accuracy: float | None, agreement: float, error: tuple[float, float] | None = None):
    scores = {"accuracy": accuracy, "agreement": agreement}
    mse = None if error is None else {"float": error[0], "int8": error[1]}
    return {"float_accuracy": base, "reconstruction_mse": mse, "reference": scores, "places": {}}


@pytest.mark.parametrize(
    ("checked", "allowed", "says"),
    [
        (document(0.90, 0.88, 1.0), 1.9, "2.00 points"),
        (document(None, None, 0.97), 2.9, "3.00 points"),
        (document(None, None, 0.0, (10.0, 10.2)), 1.9, "2.00 %"),
    ],
    ids=["top-1 with labels", "agreement without", "reconstruction error, whatever the argmax does"],
)
def test_gate_fails_and_passes_on_the_right_figure(checked: dict, allowed: float, says: str) -> None:
    with pytest.raises(AccuracyError, match=says):
        check_accuracy(checked, allowed)
    check_accuracy(checked, allowed + 0.2)


def one_node(case) -> Graph:
    x = Value("x", case.inputs[0].shape, "int8")
    y = Value("y", case.contract.reference(*case.inputs).shape, "int8")
    return Graph("g", [x], [y], [Node(case.contract, [x], [y], "n")])


def test_a_classifier_with_as_many_classes_as_inputs_is_no_autoencoder() -> None:
    assert is_autoencoder(one_node(lut_table()[0]))
    for table in (softmax_table(), log_softmax_table()):
        assert not is_autoencoder(one_node(table[0]))


def test_labels_of_another_model_are_refused(tmp_path: Path) -> None:
    """They would count as 0 % accuracy."""
    api.compile(demo.model_path(), "x86-64", demo.calibration_path(), tmp_path / "out", name="digits", method="minmax")
    opened = open_directory(tmp_path / "out")
    samples = load_samples(demo.held_out_path(), opened.model_inputs()).first(2)
    with pytest.raises(UsageError, match="label 10, the model has 10 outputs"):
        validate(opened, replace(samples, labels=np.array([3, 10])), [])
