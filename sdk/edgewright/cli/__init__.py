"""The `edgewright` command: parses, calls `edgewright.api`, prints what comes back."""

from edgewright.cli.main import main

__all__ = ["main"]
