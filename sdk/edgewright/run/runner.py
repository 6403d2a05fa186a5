"""The one interface of every place that a model runs on."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from edgewright.artifact import Manifest, Tensor
from edgewright.errors import UsageError

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class RunCost:
    """What the last `infer` cost, None where the place cannot tell.

    time: in `time_unit`, "cycles" or "nanoseconds". stack_bytes: used by the run below its caller.
    """

    time: int | None = None
    time_unit: str | None = None
    stack_bytes: int | None = None


@dataclass(frozen=True)
class RunnerInfo:
    """Who answers. boot_count and reset_cause are None on the host."""

    place: str
    cpu: str
    board: str
    build: str
    model_sha256: str
    boot_count: int | None = None
    reset_cause: str | None = None


class Runner(ABC):
    """A model that is ready to run somewhere; a context manager that closes it.

    last_cost: of the last `infer`. last_layer_times: of the last `trace`, in last_cost's unit; all zero where
    the place has no clock.
    """

    info: RunnerInfo
    last_cost: RunCost
    last_layer_times: list[int]

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.last_cost = RunCost()
        self.last_layer_times: list[int] = []
        self._traced: list[Array] | None = None

    def infer(self, inputs: Sequence[Array]) -> list[Array]:
        """The outputs for `inputs`: arrays of the manifest's dtypes and sizes, batch of one.

        Raises:
            UsageError: an input has another dtype or size.
            LinkError: the place does not answer correctly.
        """
        data = self._run(self._packed(inputs))
        return unpack(data, self.manifest.outputs)

    def trace(self, inputs: Sequence[Array]) -> list[int]:
        """The CRC-32 of every layer's output, in the order of execution."""
        self._traced = list(inputs)
        return self._trace(self._packed(inputs), None)[0]

    def layer_output(self, index: int) -> bytes:
        """The output bytes of layer `index`, for the inputs of the last `trace`."""
        if self._traced is None:
            raise UsageError("layer_output: nothing was traced; call trace first")
        if not 0 <= index < len(self.manifest.layers):
            count = len(self.manifest.layers)
            raise UsageError(f"layer_output: layer {index}, the model has {count}; give an index of the manifest")
        return self._trace(self._packed(self._traced), index)[1]

    @abstractmethod
    def selftest(self) -> int:
        """0, or the negative code of `<name>_selftest`: a fixed input against the hash of its outputs."""

    @abstractmethod
    def _run(self, data: bytes) -> bytes:
        """All outputs, end to end, for all inputs, end to end."""

    @abstractmethod
    def _trace(self, data: bytes, stop_after: int | None) -> tuple[list[int], bytes]:
        """The CRC-32 of each layer that ran, and the output of layer `stop_after`."""

    @abstractmethod
    def close(self) -> None:
        """Ends it; may be called twice."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _packed(self, inputs: Sequence[Array]) -> bytes:
        wanted = self.manifest.inputs
        if len(inputs) != len(wanted):
            raise UsageError(f"{self.manifest.name}: {len(inputs)} inputs given, the model has {len(wanted)}")
        for array, tensor in zip(inputs, wanted, strict=True):
            if array.dtype != np.dtype(tensor.dtype) or array.nbytes != tensor.bytes:
                given = f"{array.dtype} {list(array.shape)}"
                raise UsageError(f"input '{tensor.name}': {given} given, needs {tensor.dtype} {list(tensor.shape)}")
        return b"".join(np.ascontiguousarray(array).tobytes() for array in inputs)


def unpack(data: bytes, tensors: Sequence[Tensor]) -> list[Array]:
    """Arrays from the bytes of `tensors` laid end to end."""
    arrays: list[Array] = []
    for tensor in tensors:
        part, data = data[: tensor.bytes], data[tensor.bytes :]
        arrays.append(np.frombuffer(part, np.dtype(tensor.dtype).newbyteorder("<")).reshape(tensor.shape))
    return arrays
