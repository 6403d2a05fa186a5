"""Where the data that ships beside the package lies: `targets` and `runtime_c`."""

from pathlib import Path

from edgewright.errors import ToolError


def data_folder(name: str) -> Path:
    """The folder `targets` or `runtime_c`: inside an installed package, else in the source checkout.

    Raises:
        ToolError: neither exists; the installation is incomplete.
    """
    return _shipped(name)


def license_path() -> Path:
    """The file with the text of the licence.

    Raises:
        ToolError: it is missing; the installation is incomplete.
    """
    return _shipped("LICENSE")


def _shipped(name: str) -> Path:
    package = Path(__file__).resolve().parent
    for base in (package / "_data", package.parent.parent):
        if (base / name).exists():
            return base / name
    raise ToolError(f"installation: '{name}' is missing beside {package}; reinstall edgewright")
