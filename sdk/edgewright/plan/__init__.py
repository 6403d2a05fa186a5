"""Kernel choice, execution order, lifetimes and arena offsets: where and how everything runs."""

from edgewright.plan.plan import Layer, Plan, make_plan

__all__ = ["Layer", "Plan", "make_plan"]
