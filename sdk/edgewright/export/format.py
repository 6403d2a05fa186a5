"""What every export format says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from edgewright.export.model import ExportedModel

#: Text by path below the exported folder.
Files = dict[str, str]


class Format(ABC):
    """One form in which a firmware project takes a model.

    name: what `--to` calls it. summary: one line for people. portable: takes portable C alone. bare: for
    microcontrollers, where no threads and no other machine's instructions may be. runs: holds kernels and an example.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    portable: ClassVar[bool] = False
    bare: ClassVar[bool] = True
    runs: ClassVar[bool] = True

    @abstractmethod
    def files(self, model: ExportedModel) -> Files:
        """Every file of the export, beside the licence."""

    def taken(self, model: ExportedModel) -> ExportedModel:
        """The model with the kernels that this format takes: those that it was compiled for, or portable C."""
        fits = model.is_portable if self.portable else model.is_for_microcontrollers or not self.bare
        return model if fits else model.in_portable_c()
