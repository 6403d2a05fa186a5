"""The kinds of C that are generated, and the one place that formats them."""

from edgewright.cgen.format import array, define, kernel_call, static_assert, struct
from edgewright.cgen.nodes import Array, Fields, FieldValue

__all__ = ["Array", "FieldValue", "Fields", "array", "define", "kernel_call", "static_assert", "struct"]
