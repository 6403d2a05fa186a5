"""Results as tables for people: header, layers, memory, sections, metrics, in that order."""

from edgewright.report import model, run, surroundings, training, whole
from edgewright.report.show import show

__all__ = ["model", "run", "show", "surroundings", "training", "whole"]
