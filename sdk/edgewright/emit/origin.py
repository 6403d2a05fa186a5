"""Where a generated directory comes from: what the manifest says besides the plan."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Origin:
    """model_file: file name of the ONNX model. model_sha256: of its bytes, hex.

    cpu, board: the target. optimize: GCC's option for the kernels. goal: time, ram, flash or balanced.
    quantization: how scales were chosen (method, samples, representative). shapes: sizes fixed by the user.
    float_macs: multiply-accumulates of the model as it came in.
    """

    model_file: str
    model_sha256: str
    cpu: str
    board: str | None = None
    optimize: str = "-O2"
    goal: str = "balanced"
    quantization: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    float_macs: int = 0
