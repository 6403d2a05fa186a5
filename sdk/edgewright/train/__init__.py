"""Trains float graphs with PyTorch, which only this package imports and which is the extra `train`.

This module imports none of it: ask `require_torch`, then import what you need from the modules of this package.
"""

from __future__ import annotations

import importlib.util

from edgewright.errors import ToolError

#: What installs it; `pyproject.toml` has the same version.
INSTALL = "pip install torch==2.13.0"


def require_torch(what: str) -> None:
    """Raise ToolError when PyTorch is not installed. what: asks for it, as users write it."""
    if importlib.util.find_spec("torch") is None:
        raise ToolError(f"{what}: training needs PyTorch, which is not here; {INSTALL}")
