"""Makes models smaller: whole channels, or single weights."""

from edgewright.compress.activations import affordable
from edgewright.compress.pruning import METHODS, Pruner, PruneResult, prune
from edgewright.compress.quality import Judge, Quality, check_quality
from edgewright.compress.report import PruneReport
from edgewright.compress.search import Bearing, prune_within, sensitivity
from edgewright.compress.sizes import Amount

__all__ = [
    "METHODS", "Amount", "Bearing", "Judge", "PruneReport", "PruneResult", "Pruner", "Quality", "affordable",
    "check_quality", "prune", "prune_within", "sensitivity",
]  # fmt: skip
