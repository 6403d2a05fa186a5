"""Bodies that run a contract as one of another kind: the same function of C, packing and all."""

from abc import abstractmethod
from typing import ClassVar

from edgewright.contracts import Contract
from edgewright.kernels.base import AnyKernel, C, Kernel, KernelCall


class RecastKernel(Kernel[C]):
    """`inner` on what `recast` makes of a contract, which has the same bytes as input and output."""

    inner: ClassVar[AnyKernel]

    @abstractmethod
    def recast(self, contract: C) -> Contract:
        """The contract that `inner` is given."""

    def limits(self, contract: C) -> str | None:
        return self.inner.refusal(self.recast(contract))

    def calls(self, contract: C) -> list[KernelCall]:
        return self.inner.calls(self.recast(contract))

    def scratch_bytes(self, contract: C) -> int:
        return self.inner.scratch_bytes(self.recast(contract))

    def cost(self, contract: C) -> float:
        return self.inner.cost(self.recast(contract))
