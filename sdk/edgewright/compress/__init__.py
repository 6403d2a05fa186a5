"""Makes models smaller: whole channels, or single weights."""

from edgewright.compress.masks import check_parity
from edgewright.compress.pruning import METHODS, PruneResult, prune
from edgewright.compress.report import PruneReport

__all__ = ["METHODS", "PruneReport", "PruneResult", "check_parity", "prune"]
