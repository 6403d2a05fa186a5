"""runtime_c/code_bytes.toml says what GCC makes of the kernel sources."""

import pytest
from tools.kernel_code import measured_cpus, sources_for, table

from edgewright.build.tools import compiler_release
from edgewright.kernels.code_bytes import LEVELS, PLANNED_WITH, _everything, code_bytes, recorded
from edgewright.targets import Cpu, load_cpu

#: Another patch release of GCC makes somewhat longer or shorter code.
TOLERANCE = 0.1
WRITE = "write it again: python -m tools.kernel_code"


@pytest.mark.parametrize("cpu", measured_cpus(), ids=lambda cpu: cpu.name)
def test_every_source_was_measured(cpu: Cpu) -> None:
    """With one of the recorded compilers: who adds a kernel may have another than `PLANNED_WITH`."""
    for source in sources_for(cpu):
        assert code_bytes([source], cpu.isas, "-O2") > 0, WRITE


@pytest.mark.parametrize(
    "cpu",
    [pytest.param(c, marks=[] if c.name == "cortex-m4" else [pytest.mark.slow]) for c in measured_cpus()],
    ids=lambda cpu: cpu.name,
)
def test_sizes_are_what_gcc_makes(cpu: Cpu) -> None:
    compiler = compiler_release(cpu.compiler)
    if compiler not in recorded():
        pytest.skip(f"sizes were measured with {' and '.join(recorded())}, here is {compiler}")
    for source, measured in table(cpu).items():
        known = [code_bytes([source], cpu.isas, level, compiler) for level in LEVELS]
        assert known == pytest.approx(measured, rel=TOLERANCE, abs=16), f"{source}: {WRITE}"


def test_plans_are_the_same_with_every_compiler() -> None:
    isas = load_cpu("cortex-m4").isas
    assert PLANNED_WITH in recorded()
    assert code_bytes(["c/ew_fc_s8.c"], isas, "-Os") == code_bytes(["c/ew_fc_s8.c"], isas, "-Os", PLANNED_WITH)


def test_sources_are_counted_once() -> None:
    isas = load_cpu("cortex-m4").isas
    assert code_bytes(["c/ew_fc_s8.c", "c/ew_fc_s8.c"], isas, "-Os") == code_bytes(["c/ew_fc_s8.c"], isas, "-Os")


def test_a_source_that_another_compiler_measured_counts_as_there(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {PLANNED_WITH: {"c": {"old.c": [10, 8]}}, "GCC 99.1": {"c": {"old.c": [11, 9], "new.c": [7, 5]}}}
    monkeypatch.setattr("edgewright.kernels.code_bytes.recorded", lambda: tables)
    monkeypatch.setattr("edgewright.kernels.code_bytes._everything", _everything.__wrapped__)
    assert code_bytes(["old.c", "new.c"], ("c",), "-O2") == 10 + 7
    with pytest.raises(KeyError, match=r"none.c: not in .*code_bytes.toml; run python -m tools.kernel_code"):
        code_bytes(["none.c"], ("c",), "-Os")
