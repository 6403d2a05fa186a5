"""The float model under ONNX Runtime."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from edgewright.errors import ModelFileError
from edgewright.ir import Value
from edgewright.validate.float_model import FloatModel
from tests.harness.small_models import model, node, weights


def test_what_onnx_runtime_finds_out_at_run_time_is_one_line(tmp_path: Path) -> None:
    """Valid ONNX: it does not implement dilation with this auto_pad, and says so when it runs."""
    layer = node("Conv x,w -> y", auto_pad="SAME_UPPER", dilations=[2, 3])
    onnx.save(model([layer], {"x": (1, 4, 8, 7)}, {"w": weights(5, 4, 3, 3)}), tmp_path / "m.onnx")
    loaded = FloatModel(tmp_path / "m.onnx", [Value("x", (1, 4, 8, 7))])
    with pytest.raises(ModelFileError, match=r"^m\.onnx: ONNX Runtime fails: .*Dilation not supported") as caught:
        loaded.run([np.zeros((1, 4, 8, 7), np.float32)])
    assert "\n" not in str(caught.value)
