"""Every shared case: the right value, or a warning or refusal for a reason that docs/numerics.md explains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgewright.errors import UnsupportedError, UsageError
from edgewright.frontend import load_model
from edgewright.pipeline import ScaledModel, integer_form, simplified, with_scales
from edgewright.quantize import load_samples
from tests.harness.shared_cases import case_folder, case_names
from tests.harness.small_models import real_outputs

#: Root mean square difference over the deviation of the expected output.
MOST = 0.05
#: What int8 cannot hold, and is said: part of the warning.
WARNED = {
    "lstm_integrator": "'yc'",
    "mel_log10_db": "'ml' (dense)",
    "rms_recip_mul": "the steps of input 'x'",
    "tabular_mixed_units": "output 'y'",
}
#: What is refused: part of the reason.
REFUSED = {
    "bn_training_mode_outputs_op9": "the statistics as outputs; supported: inference",
    "int16_act_output_dtype": "activation of type int16; supported: int8 and uint8",
}
#: Valid ONNX that ONNX Runtime does not run, so that nothing is expected of the value.
WITHOUT_A_VALUE = ("dil_big_pad", "same_upper_dilated")


def quantized(folder: Path) -> ScaledModel:
    """With the model's own scales where they suffice, else calibrated."""
    model = simplified(load_model(folder / "model.onnx"))
    try:
        return with_scales(model, None)
    except UsageError:
        return with_scales(model, folder / "calib.npz")


@pytest.mark.parametrize("name", case_names())
def test_case(name: str) -> None:
    folder = case_folder(name)
    if name in REFUSED:
        with pytest.raises(UnsupportedError) as caught:
            quantized(folder)
        assert REFUSED[name] in str(caught.value)
        return
    result = quantized(folder)
    warnings = result.quantization.get("warnings", [])
    if name in WARNED:
        assert any(WARNED[name] in line for line in warnings)
        return
    assert warnings == []
    if name not in WITHOUT_A_VALUE:
        assert max(errors(result, folder)) <= MOST


def errors(result: ScaledModel, folder: Path) -> list[float]:
    """Per output, over all samples of the case."""
    integer = integer_form(result.graph)
    got = [real_outputs(integer, sample) for sample in load_samples(folder / "data.npz", result.graph.inputs)]
    data = np.load(folder / "data.npz")
    found = []
    for k in range(len(integer.outputs)):
        wanted = data[f"expected{k}"].astype(np.float64)
        real = np.stack([outputs[k] for outputs in got]).reshape(wanted.shape)
        found.append(float(np.sqrt(np.mean((real - wanted) ** 2)) / wanted.std()))
    return found
