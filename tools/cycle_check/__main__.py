"""Checks the cycle model against published latencies; writes docs/cycle_check.json and the table of docs/cycles.md.

    python -m tools.cycle_check CMSIS_NN --core CMSIS_CORE

CMSIS_NN is a checkout of ARM-software/CMSIS-NN near version 4.0.0, CMSIS_CORE the folder with cmsis_compiler.h. What it
prints last belongs into targets/cpus/*.toml; a test compares them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import tomllib
from pathlib import Path

from edgewright.errors import EdgewrightError
from tools.bench.boards import latencies, load_boards
from tools.bench.models import MLPERF_TINY, ROOT, model_folder
from tools.cycle_check.check import by_cpu, checked, text

RECORD = ROOT / "docs" / "cycle_check.json"
PAGE = ROOT / "docs" / "cycles.md"
BEGIN, END = "<!-- check: written by tools/cycle_check -->\n", "\n<!-- end of check -->"


def main() -> int:
    """Run all programs whose code is open, one after the other."""
    assert __doc__
    parser = argparse.ArgumentParser(prog="tools.cycle_check", description=__doc__.splitlines()[0])
    parser.add_argument("cmsis_nn", type=Path, help="checkout of CMSIS-NN")
    parser.add_argument("--core", type=Path, required=True, help="Include folder of CMSIS-Core")
    options = parser.parse_args()
    models = model_folder()
    if models is None:
        print(
            "cycle_check: the MLPerf Tiny models are not here; set EDGEWRIGHT_MODELS to their folder", file=sys.stderr
        )
        return 2
    boards = load_boards()
    peers = tomllib.loads((ROOT / "tools" / "bench" / "peers.toml").read_text())
    cmsis = (options.cmsis_nn.resolve(), options.core.resolve())
    rows = []
    with tempfile.TemporaryDirectory(prefix="cycle-check-") as work:
        for latency in latencies(peers):
            for b in MLPERF_TINY if latency.optimize else ():
                if b.name in latency.ms:
                    rows.append(checked(latency, boards[latency.board], b.name, models / b.model, *cmsis, Path(work)))
    print(text(rows))
    RECORD.write_text(json.dumps({"schema_version": 1, "rows": [row.document() for row in rows]}, indent=1) + "\n")
    head, begin, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(f"{head}{begin}{text(rows)}{END}{rest.partition(END)[2]}")
    for cpu, check in by_cpu(rows).items():
        print(f"\ntargets/cpus/{cpu}.toml\n[cycle_check]")
        print(f"figures = {check.figures}\nlow_percent = {check.low_percent}\nhigh_percent = {check.high_percent}")
        print(f'source = "{check.source}"')
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EdgewrightError as error:
        sys.exit(f"cycle_check: {error}")
