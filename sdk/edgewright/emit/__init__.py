"""Integer graph and plan -> the generated directory."""

from edgewright.emit.directory import generated, write_directory
from edgewright.emit.names import check_name
from edgewright.emit.origin import Origin

__all__ = ["Origin", "check_name", "generated", "write_directory"]
