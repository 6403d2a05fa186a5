"""The state of a training in a folder, from which it goes on as if nothing had happened."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgewright.errors import UsageError
from edgewright.ir.archive import read_npz

#: Of the file; another version is not read.
FORMAT = 1
FILE = "training.npz"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A folder with the state after the last whole epoch. of: what the training is of, name -> text; all must be the
    same to go on with it."""

    folder: Path
    of: Mapping[str, str]

    @property
    def path(self) -> Path:
        """The file in it."""
        return self.folder / FILE

    def begin(self, resume: bool) -> dict[str, np.ndarray] | None:
        """The state to go on with, None to begin anew; nothing is overwritten that was not asked for.

        Raises:
            UsageError: there is a state and none was to be resumed, or the other way around; it is of another training,
                or damaged.
        """
        if not resume:
            if self.path.exists():
                raise UsageError(f"{self.path}: holds a training; --resume goes on with it, or name another folder")
            return None
        if not self.path.exists():
            raise UsageError(f"--resume: there is no {FILE} in {self.folder}; leave --resume out to begin")
        return self._read()

    def save(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the state as a whole.

        Raises:
            UsageError: it cannot be written.
        """
        beside = self.folder / f".{FILE}.{os.getpid()}"
        header = np.array(json.dumps({"format": FORMAT, "of": dict(self.of)}))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                np.savez(file, header=header, **state)  # type: ignore[arg-type]  # arrays by name, none an option
            beside.replace(self.path)
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be written: {error.strerror}") from None
        finally:
            beside.unlink(missing_ok=True)

    def _read(self) -> dict[str, np.ndarray]:
        arrays = {key: data for key, data in read_npz(self.path).items() if isinstance(data, np.ndarray)}
        try:
            header = json.loads(str(arrays.pop("header")))
            version, of = header["format"], dict(header["of"])
        except (KeyError, TypeError, ValueError):
            raise UsageError(f"{self.path}: is no checkpoint of a training, or a damaged one") from None
        if version != FORMAT:
            raise UsageError(f"{self.path}: is of format {version}, this version reads {FORMAT}; begin anew")
        for name in sorted({*of, *self.of}):
            then, now = of.get(name, "nothing"), self.of.get(name, "nothing")
            if then != now:
                raise UsageError(
                    f"{self.path}: is of a training with {name} {then}, now {now}; make them equal, or begin anew"
                )
        return arrays
