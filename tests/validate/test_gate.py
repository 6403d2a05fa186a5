"""The accuracy gate: what it measures for classifiers, unlabelled models and autoencoders, and that it can fail."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgewright import api, demo
from edgewright.artifact import open_directory
from edgewright.contracts import Contract
from edgewright.errors import AccuracyError, MismatchError, UsageError
from edgewright.ir import Graph, Node, Value
from edgewright.quantize import load_samples
from edgewright.targets import resolve_target
from edgewright.validate import validate
from edgewright.validate.validation import is_autoencoder
from edgewright.verbs.validate import PlaceScores, Scores, Validated
from tests.harness.elementwise_cases import lut_table
from tests.harness.kernel_program import Case
from tests.harness.norm_cases import log_softmax_table, softmax_table


def result(
    base: float | None,
    accuracy: float | None,
    agreement: float | None,
    error: tuple[float, float] | None = None,
    snr_db: float = 40.0,
) -> Validated:
    mse = None if error is None else {"float": error[0], "int8": error[1]}
    scores = Scores(accuracy, agreement, 0.0, 1.0, {"y": 60.0, "z": snr_db})
    return Validated("net", resolve_target("x86-64"), 100, True, (), base, mse, scores, {})


@pytest.mark.parametrize(
    ("checked", "allowed", "says"),
    [
        (result(0.90, 0.88, 1.0), 1.9, "2.00 points"),
        (result(None, None, 0.97), 2.9, "3.00 points"),
        (result(None, None, 0.0, (10.0, 10.2)), 1.9, "2.00 %"),
        (result(None, None, None, snr_db=17.0), 1.9, "output 'z' is 2.00 % noise"),
    ],
    ids=["top-1 with labels", "agreement without", "reconstruction error, whatever the argmax does", "worst output"],
)
def test_gate_fails_and_passes_on_the_right_figure(checked: Validated, allowed: float, says: str) -> None:
    with pytest.raises(AccuracyError, match=says):
        replace(checked, max_drop=allowed).check()
    replace(checked, max_drop=allowed + 0.2).check()
    checked.check()


def test_a_place_that_differs_fails_whatever_it_may_lose() -> None:
    place = PlaceScores(0.9, 1.0, 0.0, 1.0, {"y": 60.0}, 3, 200, "conv")
    with pytest.raises(MismatchError, match="host: 3 bytes differ from the reference; first at 'conv'"):
        replace(result(0.9, 0.9, 1.0), places={"host": place}, max_drop=100.0).check()


def one_node(case: Case) -> Graph[Contract]:
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


@pytest.mark.parametrize(
    ("data", "most", "says"), [("random", 1.0, "random inputs say nothing"), (demo.held_out_path(), -3.0, "0 or more")]
)
def test_gates_that_cannot_gate_are_refused(data: str | Path, most: float, says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=says):
        api.validate(tmp_path, data, max_drop=most)
