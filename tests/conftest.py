"""Whoever runs the tests may have targets of their own; only those of the project are tested."""

import os

os.environ.pop("EDGEWRIGHT_TARGETS", None)
os.environ["XDG_CONFIG_HOME"] = os.devnull
