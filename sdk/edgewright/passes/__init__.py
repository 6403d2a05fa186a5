"""Rewrites of the float graph, one file each. Every pass keeps the graph's meaning exactly."""

from edgewright.passes.base import run_passes

__all__ = ["run_passes"]
