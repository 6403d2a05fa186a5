"""Where the data that ships beside the package lies; see `edgewright.paths`."""

from edgewright.paths import data_folder

__all__ = ["data_folder"]
