"""Documents as tables for people: header, layers, memory, sections, metrics, in that order."""

from edgewright.report.model import show_compiled, show_inspection, show_pruned, show_quantized
from edgewright.report.run import show_built, show_profile, show_validation
from edgewright.report.surroundings import show_demo, show_doctor, show_operators, show_targets
from edgewright.report.whole import show_report

__all__ = [
    "show_built",
    "show_compiled",
    "show_demo",
    "show_doctor",
    "show_inspection",
    "show_operators",
    "show_profile",
    "show_pruned",
    "show_quantized",
    "show_report",
    "show_targets",
    "show_validation",
]
