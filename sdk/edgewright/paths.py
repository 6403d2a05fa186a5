"""Where the data that ships beside the package lies: `targets` and `runtime_c`."""

from pathlib import Path

from edgewright.errors import ToolError


def data_folder(name: str) -> Path:
    """The folder `targets` or `runtime_c`: inside an installed package, else in the source checkout.

    Raises:
        ToolError: neither exists; the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for base in (package / "_data", package.parent.parent):
        if (base / name).is_dir():
            return base / name
    raise ToolError(f"installation: folder '{name}' is missing beside {package}; reinstall edgewright")
