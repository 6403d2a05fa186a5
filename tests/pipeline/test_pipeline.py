"""The compiler as a list: every stage gives something new, and the options that it takes are sound."""

import dataclasses

import pytest

from edgewright import demo
from edgewright.errors import UsageError
from edgewright.frontend import load_model
from edgewright.ir import AnyGraph
from edgewright.ir.text import print_graph
from edgewright.kernels import Goal
from edgewright.options import CompileOptions
from edgewright.pipeline import integer_form, planned, simplified, trial_plan, with_scales
from edgewright.targets import load_cpu


def seen(graph: AnyGraph) -> tuple[str, list[str]]:
    """All that a stage could change: the text, and the order of the nodes."""
    return print_graph(graph), [node.name for node in graph.nodes]


@pytest.mark.parametrize("goal", Goal)
def test_no_stage_changes_what_it_takes(goal: Goal) -> None:
    model = simplified(load_model(demo.model_path()))
    before = seen(model.graph)
    scaled = with_scales(model, "random", "minmax")
    assert seen(model.graph) == before
    assert seen(scaled.graph) != before, "it has scales now"
    before = seen(scaled.graph)
    integer = integer_form(scaled.graph)
    assert seen(scaled.graph) == before
    before = seen(integer)
    first, again = (planned(integer, load_cpu("cortex-m4"), goal) for _ in range(2))
    assert seen(integer) == before
    assert [first.offsets[layer.node.output] for layer in first.layers] == [
        again.offsets[layer.node.output] for layer in again.layers
    ]


def test_sizes_do_not_depend_on_the_data() -> None:
    model, cpu = simplified(load_model(demo.model_path())), load_cpu("cortex-m4")
    real = planned(integer_form(with_scales(model, demo.calibration_path()).graph), cpu)
    assert trial_plan(model, cpu).arena_bytes == real.arena_bytes


def test_options_are_sound() -> None:
    assert CompileOptions(goal="ram").goal is Goal.RAM  # type: ignore[arg-type]
    assert CompileOptions().goal is Goal.BALANCED
    with pytest.raises(UsageError, match="-O fast: none of time, ram, flash, balanced"):
        CompileOptions(goal="fast")  # type: ignore[arg-type]
    for threads in (0, 17):
        with pytest.raises(UsageError, match=f"-j {threads}: must be 1 to 16"):
            dataclasses.replace(CompileOptions(), threads=threads)
