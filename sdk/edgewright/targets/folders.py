"""Where the files of targets lie: in the SDK, and in folders that a user names."""

import os
from pathlib import Path

from edgewright.errors import UsageError
from edgewright.paths import data_folder
from edgewright.targets.strict import did_you_mean

#: Folders to look in beside the SDK's, separated like those of PATH.
VARIABLE = "EDGEWRIGHT_TARGETS"
#: What a model can be compiled for; their names are told apart by nothing else.
KINDS = ("cpus", "boards")
WORDS = {"archs": "arch", "cpus": "CPU", "boards": "board"}


def target_folders() -> list[Path]:
    """The SDK's folder, those that `EDGEWRIGHT_TARGETS` names, and the user's own, `~/.config/edgewright/targets`.

    Raises:
        UsageError: one that the variable names is not a folder of targets.
    """
    folders = [data_folder("targets")]
    for name in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        folder = Path(name).absolute()
        if not any((folder / kind).is_dir() for kind in KINDS):
            raise UsageError(f"{folder}: not a folder of targets; make one with a folder {' or '.join(KINDS)} in it")
        folders.append(folder)
    config = Path(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"))
    own = config / "edgewright" / "targets"
    if os.access(own, os.R_OK | os.X_OK):  # another user's home cannot be looked into, and need not be
        folders.append(own)
    return list({folder.resolve(): folder for folder in reversed(folders)}.values())[::-1]


def also_look_in(folders: list[str]) -> None:
    """Add folders to those that `EDGEWRIGHT_TARGETS` names, for this process; Raises as `target_folders`."""
    os.environ[VARIABLE] = os.pathsep.join([*folders, *filter(None, [os.environ.get(VARIABLE)])])
    target_folders()


def names(kind: str) -> list[str]:
    """Names of all files of a kind ("archs", "cpus" or "boards"), sound or not, sorted."""
    return sorted({path.stem for path in _files(kind)})


def find_file(kind: str, name: str) -> Path:
    """The file that describes `name`.

    Raises:
        UsageError: there is none, or more than one; a CPU and a board cannot share a name either.
    """
    kinds = KINDS if kind in KINDS else (kind,)
    found = [path for each in kinds for path in _files(each) if path.stem == name]
    if len(found) > 1:
        raise UsageError(f"{name}: stands for both {found[0]} and {found[1]}; rename one of them")
    if not found or found[0].parent.name != kind:
        raise UsageError(f"{name}: no such {WORDS[kind]}{closest(name, names(kind))}")
    return found[0]


def closest(name: str, known: list[str]) -> str:
    """What to say behind the complaint that `name` is none of `known`."""
    return f"{did_you_mean(name, known)}; known: {', '.join(known)}"


def toml_files(folder: Path) -> list[Path]:
    """The files of a folder, by name."""
    return sorted(folder.glob("*.toml"), key=lambda path: path.stem)


def _files(kind: str) -> list[Path]:
    return [path for folder in target_folders() for path in toml_files(folder / kind)]
