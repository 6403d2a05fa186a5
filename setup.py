"""Puts `targets` and `runtime_c`, which lie beside the package, into the wheel as `edgewright/_data`.

All other settings are in pyproject.toml.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
FOLDERS = ("targets", "runtime_c")


class BuildWithData(build_py):
    """`build_py`, then the data folders; an editable install reads them from the checkout instead."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for name in FOLDERS:
            copy = Path(self.build_lib) / "edgewright" / "_data" / name
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(HERE / name, copy)
        shutil.copy(HERE / "LICENSE", copy.parent)


setup(cmdclass={"build_py": BuildWithData})
