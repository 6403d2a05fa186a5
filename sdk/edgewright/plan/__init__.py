"""Kernel choice, execution order, lifetimes and arena offsets: where and how everything runs."""

from edgewright.plan.plan import Layer, Plan, Run, make_plan
from edgewright.plan.split import MOST_THREADS

__all__ = ["MOST_THREADS", "Layer", "Plan", "Run", "make_plan"]
