"""The float model under ONNX Runtime: what accuracy is measured against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from edgewright.errors import ModelFileError
from edgewright.ir import Value

#: ONNX Runtime's name of a type -> NumPy's, for the inputs that are not float32.
TYPES = {
    "tensor(float16)": np.float16, "tensor(double)": np.float64, "tensor(int16)": np.int16, "tensor(uint16)": np.uint16,
    "tensor(int32)": np.int32, "tensor(uint32)": np.uint32, "tensor(int64)": np.int64,
}  # fmt: skip


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
        self._name = path.name

    def run(self, sample: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The outputs for float inputs of the model's shapes; 8-bit inputs and outputs are converted.

        Raises:
            ModelFileError: ONNX Runtime finds out at run time that it does not take the model.
        """
        feed = {}
        declared = {i.name: i.type for i in self._session.get_inputs()}
        for value, data in zip(self._inputs, sample, strict=True):
            feed[value.name] = _as_declared(data, declared[value.name], value)
        try:
            outputs = self._session.run(None, feed)
        except Exception as error:  # its exceptions have no base but this
            raise ModelFileError(f"{self._name}: ONNX Runtime fails: {str(error).splitlines()[0][:200]}") from None
        return [np.asarray(y) for y in outputs]


def _as_declared(data: np.ndarray, declared: str, value: Value) -> np.ndarray:
    if declared in ("tensor(int8)", "tensor(uint8)") and value.quant is not None:
        whole = value.quant.quantize(data)
        return whole if declared == "tensor(int8)" else np.asarray(whole.astype(np.int16) + 128).astype(np.uint8)
    kind = np.dtype(TYPES.get(declared, np.float32))
    return np.asarray(np.rint(data) if kind.kind in "iu" else data).astype(kind)
