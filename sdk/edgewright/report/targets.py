"""The page of CPUs, from `targets/cpus/*.toml`: `docs/targets.md`."""

from __future__ import annotations

import sys

from edgewright.targets import own_targets

HEADER = """# Targets

Generated from `targets/`; `make pages` writes it again.
A model is compiled for a CPU, or for a board ([boards.md](boards.md)), whose memory then sets the limits.

"""


def targets_page() -> str:
    """The text of `docs/targets.md`."""
    lines = ["| CPU | what | kernels, best first | compiler | emulated by |", "|---|---|---|---|---|"]
    for cpu in own_targets()[0]:
        emulator = cpu.emulator_board or " ".join(cpu.emulator_command) or "it is the host"
        isas = " ".join(cpu.isas)
        lines.append(f"| `{cpu.name}` | {cpu.summary} | {isas} | `{cpu.compiler}` | {emulator} |")
    return HEADER + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(targets_page())
