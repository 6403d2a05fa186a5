"""The float model under ONNX Runtime: what accuracy is measured against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from edgewright.errors import ModelFileError
from edgewright.ir import Value


class FloatModel:
    """An ONNX Runtime session without graph optimizations.

    ONNX Runtime 1.32 computes some fused int8 graphs wrongly on some CPUs, so nothing is fused.
    """

    def __init__(self, path: Path, inputs: Sequence[Value]) -> None:
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 4
        options.intra_op_num_threads = 1
        try:
            self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelFileError(f"{path.name}: ONNX Runtime refuses it: {str(error).splitlines()[0][:200]}") from None
        self._inputs = list(inputs)

    def run(self, sample: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The outputs for float inputs of the model's shapes; 8-bit inputs and outputs are converted."""
        feed = {}
        declared = {i.name: i.type for i in self._session.get_inputs()}
        for value, data in zip(self._inputs, sample, strict=True):
            feed[value.name] = _as_declared(data, declared[value.name], value)
        outputs = self._session.run(None, feed)
        return [np.asarray(y) for y in outputs]


def _as_declared(data: np.ndarray, declared: str, value: Value) -> np.ndarray:
    if declared == "tensor(float16)":
        return data.astype(np.float16)
    if declared == "tensor(double)":
        return data.astype(np.float64)
    if declared in ("tensor(int8)", "tensor(uint8)") and value.quant is not None:
        whole = value.quant.quantize(data)
        return whole if declared == "tensor(int8)" else (whole.astype(np.int16) + 128).astype(np.uint8)
    return data.astype(np.float32)
