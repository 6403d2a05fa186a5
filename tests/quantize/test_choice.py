"""Which layers take 4 bits: all, a share, or as many as a loss allows; and what is refused."""

import numpy as np
import pytest

from edgewright.errors import UsageError
from edgewright.ir import Graph
from edgewright.ir.text import parse_graph
from edgewright.ops import Op
from edgewright.pipeline import integer_form
from edgewright.quantize import Recipe, Rounding, Samples, Widths, calibrate
from edgewright.quantize.rounding.choice import RoundedWeights
from edgewright.quantize.rounding.layer import free_layers
from tests.harness.graph_strategies import op_records

RNG = np.random.default_rng(8)
#: 'large' holds most weights.
CHAIN = """graph 'chain' {
  input %x:f32[1,4]
  %w0:f32[16,4] = const(seed=1)
  %w1:f32[64,16] = const(seed=2)
  %w2:f32[12,64] = const(seed=3)
  %a:f32[1,16] = dense(%x, %w0) {clamp=Clamp(0.0)} 'small'
  %b:f32[1,64] = dense(%a, %w1) {clamp=Clamp(0.0)} 'large'
  %c:f32[1,12] = dense(%b, %w2) 'last'
  %y:f32[1,12] = softmax(%c) {axis=1} 'softmax'
  output %y
}"""
DATA = RNG.standard_normal((240, 4)).astype(np.float32)


def chain() -> Graph[Op]:
    return parse_graph(CHAIN, op_records())


def samples(representative: bool = True, count: int = len(DATA)) -> Samples:
    return Samples((DATA[:count],), ((1, 4),), representative=representative)


def chosen(weights: str, max_drop: float | None = None, method: str = "auto") -> RoundedWeights:
    result = calibrate(chain(), samples(), integer_form, method, widths=Widths.named(weights), max_drop=max_drop)
    assert result.weights is not None
    return result.weights


def bits(found: RoundedWeights) -> dict[str, int]:
    return {layer.name: layer.bits for layer in found.layers}


def test_all_layers() -> None:
    found = chosen("int4")
    assert bits(found) == {"small": 4, "large": 4, "last": 4}
    assert [layer.bytes for layer in found.layers] == [
        16 * 4 // 2 + 16 * 8,
        64 * 16 // 2 + 64 * 8,
        12 * 64 // 2 + 12 * 8,
    ]
    assert list(found.errors) == [str(rounding) for rounding in Rounding]
    assert found.errors[found.rounding] < 0.8 * found.errors["nearest"]
    assert found.max_drop == 10
    assert found.quality is not None
    assert found.quality.samples == 120
    assert found.quality.agreement is not None


def test_a_share_of_the_weights_goes_to_those_that_lose_least_for_their_bytes() -> None:
    sizes = {"small": 64, "large": 1024, "last": 768}
    per_byte = {layer.name: (layer.error or 0) / sizes[layer.name] for layer in chosen("int4").layers}
    worst = max(per_byte, key=lambda name: per_byte[name])
    found = chosen(f"mixed:{1 - sizes[worst] / sum(sizes.values())}")
    assert bits(found) == {name: 8 if name == worst else 4 for name in sizes}
    assert bits(chosen("mixed:0")) == {"small": 8, "large": 8, "last": 8}
    assert bits(chosen("mixed:1")) == {"small": 4, "large": 4, "last": 4}


def test_as_many_as_the_loss_allows() -> None:
    """Agreement: the stricter the limit, the fewer bytes are saved, and it is kept each time."""
    sizes = []
    for limit in (100.0, 2.5, 0.9):
        found = chosen("mixed", limit)
        assert found.quality is not None
        assert found.quality.drop <= limit
        sizes.append(sum(layer.bytes for layer in found.layers))
    assert sizes[0] < sizes[1] <= sizes[2], sizes
    assert chosen("mixed").max_drop == 1


def test_what_cannot_be_reached_is_measured_and_left_to_the_caller() -> None:
    found = chosen("mixed", 0.0, "minmax+nearest")
    assert set(bits(found).values()) == {8}
    assert found.quality is not None
    assert found.quality.drop > 0


def test_a_limit_for_bytes_is_measured_too() -> None:
    found = chosen("int8", 5.0)
    assert found.layers == ()
    assert found.quality is not None
    assert (found.quality.samples, found.max_drop) == (64, 5.0)


def test_a_rounding_that_is_named_is_not_compared() -> None:
    found = chosen("int4", method="percentile+bias")
    assert (found.rounding, list(found.errors)) == (Rounding.BIAS, ["bias"])


def test_random_data_round_to_nearest_and_are_no_judge() -> None:
    result = calibrate(chain(), samples(False), integer_form, widths=Widths("int4"))
    assert result.weights is not None
    assert (result.weights.rounding, result.weights.quality) == (Rounding.NEAREST, None)
    with pytest.raises(UsageError, match=r"--weights mixed .* random data do not tell"):
        calibrate(chain(), samples(False), integer_form, widths=Widths("mixed"))


def test_one_sample_cannot_teach_and_judge() -> None:
    with pytest.raises(UsageError, match=r"--weights int4: .* there is 1, give 2 or more"):
        calibrate(chain(), samples(count=1), integer_form, widths=Widths("int4"))


def test_a_model_with_integers_of_its_own_has_nothing_to_round() -> None:
    graph = chain()
    for node in graph.nodes[:3]:
        node.operand(1).weight_scales = np.full(len(node.operand(1).data), 0.1)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="--weights int4: no layer is free"):
        calibrate(graph, samples(), integer_form, widths=Widths("int4"))


def test_progress_ends_at_its_total_however_many_trials_it_took() -> None:
    for limit in (100.0, 0.0):
        seen: list[tuple[int, int]] = []

        def note(done: int, total: int, seen: list[tuple[int, int]] = seen) -> None:
            seen.append((done, total))

        calibrate(chain(), samples(), integer_form, "auto", note, widths=Widths("mixed"), max_drop=limit)
        assert [done for done, _ in seen] == list(range(1, seen[-1][1] + 1))
        assert len({total for _, total in seen}) == 1


@pytest.mark.parametrize(
    ("text", "narrow", "wanted"),
    [
        ("auto", False, ("auto", None)),
        ("minmax", False, ("minmax", Rounding.NEAREST)),
        ("minmax", True, ("minmax", None)),
        ("mse+gptq", False, ("mse", Rounding.GPTQ)),
        ("mse+auto", False, ("mse", None)),
        ("auto+nearest", True, ("auto", Rounding.NEAREST)),
    ],
)
def test_recipes(text: str, narrow: bool, wanted: tuple[str, Rounding | None]) -> None:
    recipe = Recipe.named(text, narrow)
    assert (recipe.ranges, recipe.rounding) == wanted


@pytest.mark.parametrize("text", ["", "max", "+gptq", "minmax+", "minmax+best", "minmax+gptq+bias"])
def test_recipes_that_do_not_exist(text: str) -> None:
    with pytest.raises(UsageError, match="--method"):
        Recipe.named(text)


def test_widths() -> None:
    assert Widths.named("mixed:0.75") == Widths("mixed", 0.75)
    for text in ("int3", "int4:0.5", "mixed:", "mixed:2", "mixed:nan", "mixed:x", ""):
        with pytest.raises(UsageError, match="--weights"):
            Widths.named(text)


def test_what_was_rounded_lies_in_four_bits() -> None:
    graph = chain()
    calibrate(graph, samples(), integer_form, widths=Widths("int4"))
    assert free_layers(graph) == {}
    for node in graph.nodes[:3]:
        weights = node.operand(1)
        assert weights.data is not None
        assert weights.weight_scales is not None
        q = weights.data / weights.weight_scales[:, None]
        np.testing.assert_allclose(q, np.rint(q), atol=1e-4)
        assert np.abs(q).max() < 7.5
