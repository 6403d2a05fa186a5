"""NAME_golden.c: the self-test, a fixed pseudo-random input and a hash of what the reference makes of it."""

from __future__ import annotations

import numpy as np

from edgewright.artifact.layout import Layout
from edgewright.cgen.blocks import block, file_text, function, include
from edgewright.emit.model import EmittedModel
from edgewright.quantize import run_integer

FNV_OFFSET, FNV_PRIME = 2166136261, 16777619


def selftest(model: EmittedModel) -> str:
    """The text of NAME_golden.c."""
    name, graph, layout = model.name, model.graph, Layout(model.name)
    inputs, state = [], 1
    for value in graph.inputs:
        data, state = pseudo_random(value.size, state)
        inputs.append(data.reshape(value.shape))
    expected = fnv1a(b"".join(np.ascontiguousarray(y).tobytes() for y in run_integer(graph, inputs)))
    failed = block("if (status != EW_OK)", "return status;")
    body = [
        f"{name}_t self;",
        "int8_t *x;",
        "const int8_t *y;",
        f"uint32_t state = 1u, hash = {FNV_OFFSET}u, i;",
        f"int status = {name}_init(&self, arena, {model.macro}_ARENA_BYTES);",
        *failed,
    ]
    for k, value in enumerate(graph.inputs):
        step = ("state = state * 1664525u + 1013904223u;", "x[i] = (int8_t)((int32_t)(state >> 24) - 128);")
        body += [f"x = {name}_input(&self, {k});", *block(f"for (i = 0; i < {value.nbytes}u; i++)", *step)]
    body += [f"status = {name}_run(&self);", *failed]
    for k, value in enumerate(graph.outputs):
        step_of_hash = f"hash = (hash ^ (uint8_t)y[i]) * {FNV_PRIME}u;"
        body += [f"y = {name}_output(&self, {k});", *block(f"for (i = 0; i < {value.nbytes}u; i++)", step_of_hash)]
    body.append(f"return hash == {expected}u ? EW_OK : EW_ESELFTEST;")
    return file_text(
        [*model.banner(layout.golden, f"the self-test of {name}"), include(layout.header)],
        function(f"int {name}_selftest(void *arena)", *body),
    )


def pseudo_random(count: int, state: int) -> tuple[np.ndarray, int]:
    """`count` int8 of the self-test's generator from `state` on, and the state after them.

    Source: the linear congruential generator of Numerical Recipes, its upper byte.
    """
    out = np.empty(count, dtype=np.int8)
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = (state >> 24) - 128
    return out, state


def fnv1a(data: bytes) -> int:
    """The 32-bit FNV-1a hash of `data`."""
    value = FNV_OFFSET
    for byte in data:
        value = ((value ^ byte) * FNV_PRIME) & 0xFFFFFFFF
    return value
