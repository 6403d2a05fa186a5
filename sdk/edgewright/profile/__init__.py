"""What an inference costs."""

from edgewright.profile.count import LayerCost, Profile, count
from edgewright.profile.plugin import CountingApi, counting_api

__all__ = ["CountingApi", "LayerCost", "Profile", "count", "counting_api"]
