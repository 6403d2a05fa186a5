"""A tiny model in the form of a generated directory, for the tests of build, run and profile."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from edgewright import __version__, cgen
from edgewright.artifact import Held, Layer, Manifest, Model, Tensor
from edgewright.cgen import Array
from edgewright.cgen.format import declaration
from edgewright.contracts.dense import FcS8
from edgewright.paths import data_folder
from edgewright.targets import Target, load_board, load_cpu

HERE = Path(__file__).parent
SHA256 = "00112233445566778899aabbccddeeff" * 2
#: Features of each layer, (in, out), and its output zero point, as in stub.c.
LAYERS = ((16, 12, -3), (12, 8, 5), (8, 8, 0))


def stub_layers() -> list[FcS8]:
    """The three layers as contracts."""
    rng = np.random.default_rng(20)
    return [
        FcS8(
            weights=rng.integers(-127, 128, (outputs, inputs)).astype(np.int8),
            bias=rng.integers(-9000, 9000, outputs).astype(np.int32),
            mult=(2 * rng.integers(2**21, 2**23, outputs)).astype(np.int32),
            shift=0,
            rows=1,
            out_shape=(outputs,),
            y_zero=zero,
        )
        for inputs, outputs, zero in LAYERS
    ]


def stub_reference(inputs: list[np.ndarray]) -> list[np.ndarray]:
    """The output of every layer."""
    x, found = np.concatenate([item.reshape(-1) for item in inputs]), []
    for layer in stub_layers():
        x = layer.reference(x)
        found.append(x)
    return found


def stub_inputs(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(-128, 128, count).astype(np.int8) for count in (10, 6)]


def write_stub_model(folder: Path, cpu: str, board: str | None = None, *, run_first: str = "") -> Path:
    """`folder` with the model for `cpu`; `run_first` is C text at the start of its run function."""
    (folder / "runtime" / "src" / "c").mkdir(parents=True)
    runtime = data_folder("runtime_c")
    shutil.copytree(runtime / "include", folder / "runtime" / "include")
    for path in [*(runtime / "src" / "c").glob("*.h"), runtime / "src" / "c" / "ew_fc_s8.c"]:
        shutil.copy(path, folder / "runtime" / "src" / "c")
    shutil.copy(HERE / "stub.h", folder)
    marker = "    int8_t *const arena = (int8_t *)self->arena;\n"
    text = (HERE / "stub.c").read_text()
    assert marker in text
    (folder / "stub.c").write_text(text.replace(marker, f"    {run_first}\n{marker}") if run_first else text)
    weights = ['#include "ew.h"', ""]
    for index, layer in enumerate(stub_layers()):
        for name, data in (("w", layer.weights), ("bias", layer.bias), ("mult", layer.mult)):
            array = Array(data.reshape(-1), 4)
            weights += [declaration(f"stub_{name}{index}", array), cgen.array(f"stub_{name}{index}", array)]
    (folder / "stub_weights.c").write_text("\n".join([*weights, ""]))
    total = sum(int(v) for v in stub_reference([np.arange(10, dtype=np.int8), np.arange(10, 16, dtype=np.int8)])[2])
    golden = (HERE / "stub_golden.c").read_text()
    (folder / "stub_golden.c").write_text(golden.replace("EXPECTED_SUM", str(total)))
    (folder / "stub_manifest.json").write_text(json.dumps(_manifest(cpu, board).to_json(), indent=2))
    return folder


def _manifest(cpu: str, board: str | None) -> Manifest:
    def tensor(name: str, count: int) -> Tensor:
        return Tensor(name, (1, count), "int8", count, 0.5, 3, None)

    macs = [inputs * outputs for inputs, outputs, _ in LAYERS]
    return Manifest(
        edgewright=__version__,
        name="stub",
        model=Model("stub.onnx", SHA256, sum(macs)),
        target=Target(load_cpu(cpu), load_board(board) if board else None),
        optimize="-O2",
        goal="balanced",
        quantization={},
        shapes={},
        arena_bytes=48,
        arena_align=16,
        arena_optimum_bytes=48,
        peak_layer="fc0",
        weights_bytes=576,
        macs=sum(macs),
        sources=("stub.c", "stub_weights.c", "stub_golden.c", "runtime/src/c/ew_fc_s8.c"),
        golden="stub_golden.c",
        reference="stub_reference.npz",
        inputs=(tensor("left", 10), tensor("right", 6)),
        outputs=(tensor("last", 8), tensor("first", 12)),
        layers=tuple(
            Layer(
                index=index,
                name=f"fc{index}",
                op="fc_s8",
                kernel="ew_fc_s8",
                macs=macs[index],
                calls=1,
                output=f"y{index}",
                output_shape=(1, outputs),
                output_bytes=outputs,
                output_offset=0,
                scratch_bytes=0,
            )
            for index, (_, outputs, _) in enumerate(LAYERS)
        ),
        memory=(Held(("left", "right"), 16, 0, 0, 0),),
    )
