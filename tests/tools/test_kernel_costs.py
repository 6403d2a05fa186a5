"""What kernels claim to cost, held against the instructions that were counted: costs choose between bodies.

Counts are those of a compiler. The claims stand against every recorded one; that the record is still true is tried on a
few layers of each instruction set, where its compiler is the one that is installed.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from tools.kernel_costs.count import CPUS, Table, count, cpu_of, kernels, key, runs
from tools.kernel_costs.record import recorded
from tools.kernel_costs.shapes import layers

from edgewright.build.tools import compiler_release
from edgewright.kernels import AnyKernel, all_kernels
from tests.harness.counting import needs_counts

WRITE = "write it again: python -m tools.kernel_costs --write"
#: The largest error of a claim, and below how many instructions what a call costs once may hide the rest.
TOLERANCE, LEAST = 0.15, 3000
#: Instruction sets without counts: the programs of the host run without an emulator.
UNCOUNTED = {"avx2"}
#: Layers that are counted again for each instruction set.
SAMPLE = 6
TABLES = [(compiler, isa) for compiler, tables in recorded().items() for isa in tables]


def claim(kernel: AnyKernel, layer: str) -> float:
    return kernel.cost(layers()[layer].contract)


def rows(compiler: str, isa: str) -> list[tuple[AnyKernel, str, int]]:
    """Each kernel with each layer and what was counted."""
    table = recorded()[compiler][isa]
    return [(kernel, layer, counted) for kernel in kernels(isa) for layer, counted in table[key(kernel)].items()]


def test_every_instruction_set_is_counted_or_named() -> None:
    assert {kernel.isa for kernel in all_kernels()} == {*CPUS, *UNCOUNTED}


@pytest.mark.parametrize("isa", CPUS)
def test_all_kernels_and_layers_are_recorded(isa: str) -> None:
    expected: dict[str, set[str]] = {key(kernel): set() for kernel in kernels(isa)}
    for kernel, layer in runs(isa):
        expected[key(kernel)].add(layer)
    assert all(expected.values()), "a kernel takes none of the layers: add one to tools/kernel_costs/shapes.py"
    for compiler, tables in recorded().items():
        assert {k: set(v) for k, v in tables[isa].items()} == expected, f"{compiler}: {WRITE}"


@pytest.mark.parametrize(("compiler", "isa"), TABLES)
def test_no_claim_is_far_from_what_was_counted(compiler: str, isa: str) -> None:
    wrong = [
        f"{kernel.symbol}, {layer}: claims {claim(kernel, layer):,.0f}, counted {counted:,}"
        for kernel, layer, counted in rows(compiler, isa)
        if counted >= LEAST and abs(claim(kernel, layer) / counted - 1) > TOLERANCE
    ]
    assert wrong == []


@pytest.mark.parametrize(("compiler", "isa"), TABLES)
def test_the_faster_of_two_bodies_claims_less(compiler: str, isa: str) -> None:
    by_layer: dict[str, list[tuple[AnyKernel, int]]] = {}
    for kernel, layer, counted in rows(compiler, isa):
        by_layer.setdefault(layer, []).append((kernel, counted))
    wrong = [
        f"{layer}: {slow.symbol} {more:,} claims {claim(slow, layer):,.0f}, "
        f"{fast.symbol} {less:,} claims {claim(fast, layer):,.0f}"
        for layer, bodies in by_layer.items()
        for (fast, less), (slow, more) in combinations(sorted(bodies, key=lambda body: body[1]), 2)
        if more > less * (1 + TOLERANCE) and claim(fast, layer) >= claim(slow, layer)
    ]
    assert wrong == []


@pytest.mark.parametrize("isa", CPUS)
def test_the_record_is_what_the_emulator_counts(isa: str, tmp_path: Path) -> None:
    cpu = cpu_of(isa)
    needs_counts(cpu.name)
    compiler = compiler_release(cpu.compiler)
    if compiler not in recorded():
        pytest.skip(f"{cpu.compiler} is {compiler}, recorded are {', '.join(recorded())}: {WRITE}")
    small = sorted(runs(isa), key=lambda run: recorded()[compiler][isa][key(run[0])][run[1]])
    sample = small[len(small) // 3 :: len(small) // SAMPLE][:SAMPLE]
    found: Table = count(sample, cpu, tmp_path)
    table = recorded()[compiler][isa]
    assert found == {k: {layer: table[k][layer] for layer in found[k]} for k in found}, WRITE
