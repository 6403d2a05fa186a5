"""What an inference costs."""

from edgewright.profile.count import LayerCost, Profile, count

__all__ = ["LayerCost", "Profile", "count"]
