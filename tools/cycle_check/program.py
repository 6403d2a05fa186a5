"""One inference of a model on CMSIS-NN, as a program for an emulated Cortex-M."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edgewright.build.board_files import linker_script
from edgewright.build.tools import run_tool
from edgewright.cgen import Array, array
from edgewright.errors import ToolError
from edgewright.paths import data_folder
from edgewright.targets import Target
from tools.cycle_check.layers import Layer

HERE = Path(__file__).parent
#: Folders of CMSIS-NN that an int8 network needs.
FOLDERS = ("BasicMath", "Convolution", "FullyConnected", "NNSupport", "Pooling")
MULT, SHIFT = 0x5A827999, -8


def render(layers: Sequence[Layer]) -> str:
    """The text of layers.c: the list of calls with random weights."""
    rng = np.random.default_rng(1)
    widest = max(layer.y[2] for layer in layers)
    constants = {
        "check_mult": np.full(widest, MULT, np.int32),
        "check_shift": np.full(widest, SHIFT, np.int32),
        "check_bias": rng.integers(-4096, 4096, widest, np.int32),
    }
    parts = [
        '#include "ew.h"',
        '#include "calls.h"',
        *(array(name, Array(data, 16)) for name, data in constants.items()),
    ]
    rows = []
    for number, layer in enumerate(layers):
        if layer.weights:
            weights = rng.integers(-127, 128, layer.weights, np.int8)
            parts.append(array(f"w{number}", Array(weights, 16), static=True))
        w = layer.window
        numbers = [layer.x, layer.y, w.kernel, w.stride, w.pads[:2]]
        shapes = ", ".join("{" + ", ".join(map(str, shape)) + "}" for shape in numbers)
        rows.append(f"    {{{layer.kind.upper()}, {shapes}, {f'w{number}' if layer.weights else '0'}}},")
    table = ["const layer_t check_layers[] = {", *rows, "};", f"const int check_layer_count = {len(layers)};", ""]
    return "\n".join([*parts, *table])


def build(layers: Sequence[Layer], target: Target, cmsis_nn: Path, core: Path, folder: Path, goal: str) -> Path:
    """`folder/check.elf` for the emulator of `target`, compiled with -O`goal`.

    cmsis_nn: a checkout with Include and Source. core: the folder of CMSIS-Core with cmsis_compiler.h.

    Raises:
        ToolError: there is no compiler, or it refuses.
    """
    board = target.link_board
    assert board is not None
    (folder / "layers.c").write_text(render(layers))
    (folder / "linker.ld").write_text(linker_script(board))
    support = data_folder("targets") / "support"
    sources = [path for name in FOLDERS for path in sorted((cmsis_nn / "Source" / f"{name}Functions").glob("*.c"))]
    if not sources:
        raise ToolError(f"{cmsis_nn}: no CMSIS-NN: no Source/ConvolutionFunctions with C files")
    largest = max(layer.x[0] * layer.x[1] * layer.x[2] for layer in layers)
    largest = max(largest, *(layer.y[0] * layer.y[1] * layer.y[2] for layer in layers))
    command = [
        target.cpu.compiler,
        *target.cpu.flags,
        f"-O{goal}",
        "-std=gnu11",
        "-w",
        f"-DCHECK_BUFFER_BYTES={largest}",
    ]
    command += ["-ffunction-sections", "-fdata-sections", "-fno-tree-loop-distribute-patterns"]
    headers = (cmsis_nn / "Include", core, HERE, support, data_folder("runtime_c") / "include")
    command += [f"-I{path}" for path in headers]
    command += [str(path) for path in (*sources, folder / "layers.c", HERE / "calls.c", support / "startup.c")]
    command += ["-nostartfiles", "-T", str(folder / "linker.ld"), "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments"]
    program = folder / "check.elf"
    done = run_tool([*command, "-o", str(program)])
    if done.returncode:
        raise ToolError(f"check.elf: {target.cpu.compiler} failed:\n{done.stderr[-2000:]}")
    return program
