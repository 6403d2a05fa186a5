"""`weights-header`: with its text alone somebody computes a layer, and gets what the reference gets."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from edgewright.artifact import open_directory
from edgewright.contracts.dense import FcS8
from tests.harness.firmware import LANGUAGES, WARNINGS, compiled, exported, shell

#: The last layer of the model, as the header's head describes the arithmetic.
LAYER = """
#include <stdio.h>
#include "digits_parameters.h"
int main(void)
{{
    static const int sizes[] = {upper}_WEIGHTS_SHAPE;
    static const int8_t x[] = {{{x}}};
    for (int o = 0; o < sizes[0]; o++) {{
        int64_t acc = {lower}_bias[o];
        for (int i = 0; i < sizes[1]; i++) acc += {lower}_weights[o * sizes[1] + i] * x[i];
        acc = (acc << {upper}_SHIFT) * {lower}_mult[o];
        acc = ((acc + (1LL << 31)) >> 32) + {upper}_Y_ZERO;
        printf("%d ", (int)(acc < {upper}_ACT_MIN ? {upper}_ACT_MIN : acc > {upper}_ACT_MAX ? {upper}_ACT_MAX : acc));
        printf("%.9g\\n", (double){lower}_weights_scale[o]);
    }}
    return 0;
}}
"""


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_compilers_take_it_without_a_word(language: str, compiler: str, tmp_path: Path) -> None:
    folder = exported("weights-header", tmp_path / "out")
    options = [*LANGUAGES[language], *WARNINGS, "-Wno-unused-variable", "-Wno-unused-const-variable"]
    shell(compiler, *options, "-fsyntax-only", folder / "digits_parameters.h")


def test_somebody_elses_loop_gets_the_bytes_of_the_reference(tmp_path: Path) -> None:
    graph = open_directory(compiled()).graph
    index, node = next((i, node) for i, node in enumerate(graph.nodes) if isinstance(node.op, FcS8))
    layer, source = node.op, node.inputs[0]
    assert isinstance(layer, FcS8)
    assert source is not None
    x = np.asarray(np.random.default_rng(0).integers(-128, 128, layer.weights.shape[1:]), np.int8)
    folder = exported("weights-header", tmp_path / "out")
    text = LAYER.format(upper=f"DIGITS_LAYER{index}", lower=f"digits_layer{index}", x=", ".join(map(str, x.tolist())))
    (folder / "main.c").write_text(text)
    shell("gcc", "-std=c99", "main.c", "-o", "app", cwd=folder)
    printed = np.array([line.split() for line in shell(folder / "app").splitlines()], dtype=float)
    assert printed[:, 0].astype(int).tolist() == layer.reference(x).reshape(-1).tolist()
    assert source.quant is not None
    assert node.output.quant is not None
    scale = layer.mult / 2.0 ** (32 - layer.shift) * node.output.quant.scale / source.quant.scale
    assert printed[:, 1] == pytest.approx(scale, rel=1e-7)


def test_every_array_of_the_graph_is_in_it_and_no_code(tmp_path: Path) -> None:
    text = (exported("weights-header", tmp_path / "out") / "digits_parameters.h").read_text()
    elements = sum(int(size) for size in re.findall(r"static const int8_t \w+_weights\[(\d+)\]", text))
    wanted = [node.op.weights.size for node in open_directory(compiled()).graph.nodes if hasattr(node.op, "weights")]
    assert elements == sum(wanted) > 0
    assert "(const " not in text
    assert "return" not in text
