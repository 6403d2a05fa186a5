"""Reads `.npz` archives that may be damaged or hostile."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgewright.errors import UsageError


def read_npz(path: Path) -> dict[str, np.ndarray | bytes]:
    """Every array in `path` by its name; members of another kind as their bytes.

    Raises:
        UsageError: missing, not a `.npz`, damaged, or holding pickled objects, which are never loaded.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    except Exception as error:  # numpy, zipfile, zlib and tokenize each raise their own for damaged contents
        if "pickle" in str(error):
            raise UsageError(f"{path}: holds pickled objects or is not a .npz file; save plain arrays") from None
        raise UsageError(f"{path}: not a .npz file, or a damaged one") from None
