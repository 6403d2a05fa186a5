"""The page of CPUs and boards, from `targets/*.toml`: `docs/targets.md`."""

from __future__ import annotations

import sys

from edgewright.targets import own_targets

HEADER = """# Targets

Generated from `targets/`; `python -m edgewright.report.targets > docs/targets.md` writes it again.
A model is compiled for a CPU, or for a board, whose memory then sets the limits.

"""


def targets_page() -> str:
    """The text of `docs/targets.md`."""
    cpus, boards = own_targets()
    lines = ["| CPU | what | kernels, best first | compiler | emulated by |", "|---|---|---|---|---|"]
    for cpu in cpus:
        emulator = cpu.emulator_board or " ".join(cpu.emulator_command) or "it is the host"
        isas = " ".join(cpu.isas)
        lines.append(f"| `{cpu.name}` | {cpu.summary} | {isas} | `{cpu.compiler}` | {emulator} |")
    lines += ["", "| board | what | CPU | flash | RAM | clock | UART |", "|---|---|---|---|---|---|---|"]
    for board in boards:
        clock = f"{board.clock_hz / 1e6:g} MHz"
        memory = f"{board.flash.bytes:,} | {board.ram.bytes:,}"
        uart = board.uart.driver if board.uart else "none"
        lines.append(f"| `{board.name}` | {board.summary} | `{board.cpu}` | {memory} | {clock} | {uart} |")
    return HEADER + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(targets_page())
