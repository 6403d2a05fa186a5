"""Compile the demo model for a Cortex-M4, check it on the host, and print what it costs.

python examples/python_api.py OUTPUT_FOLDER
"""

import sys
from pathlib import Path

from edgewright import api, demo


def main(folder: Path) -> None:
    """One pass through the API; every function gives a record, whose `to_json` is what `--json` prints."""
    compiled = api.compile(demo.model_path(), "cortex-m4", demo.calibration_path(), folder, name="digits")
    built = api.build(folder)
    checked = api.validate(folder, demo.held_out_path(), ["host"], limit=100)
    counted = api.profile(folder)
    host = checked.places["host"]
    print(f"arena {compiled.manifest.arena_bytes:,} bytes, flash {built.flash_bytes:,} bytes")
    print(f"accuracy {host.accuracy:.3f}, {host.mismatched_bytes} bytes differ")
    print(f"{counted.instructions:,} instructions per inference")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
