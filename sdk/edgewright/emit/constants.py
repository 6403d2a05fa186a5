"""NAME_weights.c and NAME_weights.h: every constant array of a model, once."""

from __future__ import annotations

from edgewright import cgen
from edgewright.artifact.layout import RUNTIME_INCLUDE, Layout
from edgewright.cgen import Array
from edgewright.cgen.blocks import file_text, guarded, include
from edgewright.cgen.format import declaration
from edgewright.emit.model import EmittedModel


class Constants:
    """The arrays that the call list points to, named in the order in which they are asked for."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._arrays: dict[tuple[str, int, bytes], tuple[str, Array]] = {}

    def pointer(self, array: Array) -> str:
        """The C name of an array; equal arrays have one."""
        return self._arrays.setdefault(array.key(), (f"{self._name}_a{len(self._arrays)}", array))[0]

    @property
    def arrays(self) -> dict[str, Array]:
        """All arrays by name."""
        return dict(self._arrays.values())

    @property
    def bytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.data.nbytes for array in self.arrays.values())


def weights(model: EmittedModel, constants: Constants) -> str:
    """The text of NAME_weights.c."""
    layout = Layout(model.name)
    owner = "The text is Edgewright's; the numbers are the model's and belong to whoever owns it."
    return file_text(
        [*model.banner(layout.weights, f"constants of {model.name}", owner), include(layout.weights_header)],
        [cgen.array(name, array) for name, array in constants.arrays.items()],
    )


def weights_header(model: EmittedModel, constants: Constants) -> str:
    """The text of NAME_weights.h."""
    return file_text(
        model.banner(Layout(model.name).weights_header, f"constants of {model.name}"),
        *guarded(
            f"{model.macro}_WEIGHTS_H",
            [include(f"{RUNTIME_INCLUDE}/ew.h")],
            [declaration(name, array) for name, array in constants.arrays.items()],
        ),
    )
