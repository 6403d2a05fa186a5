"""Makes models smaller: whole channels, or single weights."""

from edgewright.compress.pruning import METHODS, Pruner, PruneResult, prune
from edgewright.compress.report import PruneReport
from edgewright.compress.sizes import Goal

__all__ = ["METHODS", "Goal", "PruneReport", "PruneResult", "Pruner", "prune"]
