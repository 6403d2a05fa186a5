"""Every error that Edgewright raises, and who must act on it.

    EdgewrightError
    ├── UsageError            the command or its data is wrong (exit 2)
    │   └── ModelFileError    the model file cannot be read (exit 2)
    ├── UnsupportedError      the model needs what Edgewright does not have (exit 3)
    ├── BudgetError           it does not fit the memory asked for (exit 4)
    ├── AccuracyError         the accuracy gate failed (exit 5)
    ├── MismatchError         bytes differ between two places (exit 6)
    ├── ToolError             a compiler, emulator or programmer is missing or failed (exit 7)
    │   └── ImageError        a linked program is not one that its board could start (exit 7)
    └── LinkError             the device does not answer, or not correctly (exit 8)

A message is one line: *where: what is wrong, with both values; what to do*. Library code raises and
never prints or exits; the command line turns `exit_code` into the status of the process.
"""

from typing import ClassVar


class EdgewrightError(Exception):
    """Base of all errors that are meant for a person to read."""

    exit_code: ClassVar[int] = 1


class UsageError(EdgewrightError):
    """The command line, a configuration file or the data given is wrong."""

    exit_code = 2


class ModelFileError(UsageError):
    """The model file is missing, truncated, too large or not ONNX."""


class UnsupportedError(EdgewrightError):
    """The model uses what Edgewright cannot run; the message names every such node.

    `reasons` holds one line per node.
    """

    exit_code = 3

    def __init__(self, where: str, reasons: list[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(f"{where}: " + "; ".join(self.reasons))


class BudgetError(EdgewrightError):
    """Flash, RAM or stack needed exceeds what the target or the user allows."""

    exit_code = 4


class AccuracyError(EdgewrightError):
    """The accuracy lost exceeds the gate."""

    exit_code = 5


class MismatchError(EdgewrightError):
    """Two places that must agree to the byte do not."""

    exit_code = 6


class ToolError(EdgewrightError):
    """A tool (compiler, emulator, programmer) is missing or failed."""

    exit_code = 7


class ImageError(ToolError):
    """A linked program, or a file made of it, is not what its board could start."""


class LinkError(EdgewrightError):
    """The device or its link does not answer, or answers wrongly."""

    exit_code = 8
