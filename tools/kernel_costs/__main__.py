"""What kernels claim to cost beside the instructions that QEMU counts.

    python -m tools.kernel_costs [--isas sdot,dsp] [--kernel TEXT] [--write]

Prints a line for each kernel and layer: claimed, counted, claimed / counted. `--write` puts the counts into the record,
which the tests hold the costs against; do it when a kernel's code changes or there is a new one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from edgewright.build.tools import compiler_release
from tools.kernel_costs.count import CPUS, Table, count, cpu_of, key, runs
from tools.kernel_costs.record import RECORD, write
from tools.kernel_costs.shapes import layers


def lines(isa: str, table: Table) -> list[str]:
    """Claimed and counted instructions of each run of `table`, and their ratio."""
    found = []
    for kernel, layer in runs(isa):
        if counted := table.get(key(kernel), {}).get(layer):
            claimed = kernel.cost(layers()[layer].contract)
            found.append(f"{claimed:>12,.0f} {counted:>12,} {claimed / counted:5.2f}  {kernel.symbol}: {layer}")
    return found


def main() -> int:
    """Count, print, and write when asked to."""
    assert __doc__
    parser = argparse.ArgumentParser(prog="kernel_costs", description=__doc__.splitlines()[0])
    parser.add_argument("--isas", default=",".join(CPUS), help=f"instruction sets, of {', '.join(CPUS)}")
    parser.add_argument("--kernel", default="", help="only kernels whose symbol holds this text")
    parser.add_argument("--write", action="store_true", help=f"write {RECORD.name}; not with --kernel")
    options = parser.parse_args()
    isas = options.isas.split(",")
    if unknown := [isa for isa in isas if isa not in CPUS]:
        parser.error(f"--isas: no CPU stands for {', '.join(unknown)}; known: {', '.join(CPUS)}")
    if options.write and options.kernel:
        parser.error("--write with --kernel would record a part; leave one of them out")
    fresh: dict[str, dict[str, Table]] = {}
    for isa in isas:
        cpu = cpu_of(isa)
        chosen = [run for run in runs(isa) if options.kernel in run[0].symbol]
        with tempfile.TemporaryDirectory(prefix="kernel_costs-") as folder:
            table = count(chosen, cpu, Path(folder)) if chosen else {}
        print("\n".join([f"{isa} on {cpu.name}", *lines(isa, table)]), flush=True)
        fresh.setdefault(compiler_release(cpu.compiler), {})[isa] = table
    if options.write:
        write(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())
