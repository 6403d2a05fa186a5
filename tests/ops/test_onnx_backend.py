"""The onnx package's own node tests of the supported operators, as float and through the quantized path."""

from __future__ import annotations

import fnmatch

import numpy as np
import pytest

from edgewright.errors import UnsupportedError, UsageError
from edgewright.frontend import import_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.passes import LAYOUT, run_passes
from edgewright.quantize import annotate, in_model_order, lower_graph, observe, quantized_inputs, run_float, run_integer
from tests.harness.backend_cases import BackendCase, backend_cases
from tests.harness.op_cases import SIMPLIFY, quantized_exactly

#: Cases that must be refused, by name, and why.
REFUSED = {
    "*pool_3d_*": "three spatial dimensions",
    "test_convtranspose_3d": "three spatial dimensions",
    "test_convtranspose_group_2_image_3": "a batch of three images",
    "test_spacetodepth": "a batch of two images",
    "test_maxpool_with_argmax_*": "the positions of the largest values",
    "test_resize_*antialias": "antialias is for shrinking, which needs other weights",
    "test_resize_tf_crop_and_resize*": "crops and resizes in one",
    "test_batchnorm_*_training_mode": "training",
    "test_training_dropout*": "training",
    "test_dropout_default_mask*": "the mask, which only training needs",
    "test_gru_*": "several sequences in one batch",
    "test_lstm_*": "several sequences in one batch, or peepholes",
    "test_matmul_bcast": "batches that repeat on both sides",
    "test_pow*": "exponents that differ from element to element, or integers",
    "test_clip_min_greater_than_max": "a lower bound above the upper one",
    "test_identity_opt": "an optional",
    "test_identity_sequence": "a sequence",
    "test_*_empty_set*": "an empty value",
    "test_split_zero_size_splits_*": "an empty value",
    "test_slice_start_out_of_bounds": "an empty value",
    "test_reshape_allowzero_reordered": "an empty value",
    "test_reduce_*_bool_inputs": "truth values",
    "test_cast_*INT*": "integers",
    "test_cast_*FLOAT[48]*": "small floats",
    "test_m??_int*": "arithmetic of integers",
    "test_m??_uint*": "arithmetic of integers",
    "test_add_*int*": "arithmetic of integers",
    "test_sub_*int*": "arithmetic of integers",
    "test_mul_*int*": "arithmetic of integers",
    "test_div_*int*": "arithmetic of integers",
    "test_clip_default_int8_*": "arithmetic of integers",
    "test_equal*": "integers, truth values or text",
    "test_greater_*int*": "arithmetic of integers",
    "test_less_*int*": "arithmetic of integers",
    "test_where_*": "truth values from outside",
    "test_edge_pad": "int32 data",
    "test_reflect_pad": "int32 data",
    "test_wrap_pad": "int32 data",
    "test_*quantizelinear_axis": "an activation with a scale per channel",
    "test_*quantizelinear_blocked*": "an activation with scales per block",
    "test_*quantizelinear_*int2": "two bits",
    "test_*quantizelinear_*int4": "four bits",
    "test_*quantizelinear_*int16": "sixteen bits",
    "test_*quantizelinear_*e[245]m[0-9]*": "small floats",
}
#: Patterns above that catch too much: these are supported.
NOT_REFUSED = (
    "test_*_reverse",
    "test_*_bidirectional",
    "test_pow_bcast_scalar",
    "test_max_*int8",
    "test_min_*int8",
    "test_clip_default_int8_inbounds_expanded",
)
#: Cases that are imported and cannot be compared, and why.
SKIPPED = {
    "test_cast_*": "the data hold NaN and infinities, which no scale covers",
    "test_celu_bfloat16": "the expected values are rounded to 8 bits",
    "test_resize_downsample_scales_linear_align_corners": "ONNX Runtime divides by the output size rounded down",
    "test_resize_downsample_scales_cubic_align_corners": "ONNX Runtime divides by the output size rounded down",
}
#: Output steps where one rounding follows another; 1 elsewhere.
STEPS = {
    "test_resize_*cubic*": (3.0, "two products are rounded, and their weights are"),
    "test_reduce_l2_*": (2.0, "squares and sums are rounded before the root"),
    "test_reduce_log_sum_*": (2.0, "the sum is rounded before the logarithm, which is steep at small sums"),
    "test_reduce_sum_square_*": (2.0, "squares are rounded before the sum"),
    "test_group_normalization_*": (2.0, "normalised values are rounded before the scale per channel"),
    "test_*_reverse": (3.0, "each step feeds on rounded outputs"),
    "test_*_bidirectional": (3.0, "each step feeds on rounded outputs"),
    "test_instancenorm_*": (2.0, "normalised values are rounded before the scale per channel"),
}


def matching(name: str, patterns: object) -> str | None:
    """The pattern that `name` matches."""
    assert isinstance(patterns, dict | tuple)
    return next((pattern for pattern in patterns if fnmatch.fnmatchcase(name, pattern)), None)


def is_refused(name: str) -> bool:
    return matching(name, REFUSED) is not None and matching(name, NOT_REFUSED) is None


NAMES = list(backend_cases())
RUN = [name for name in NAMES if not is_refused(name) and not matching(name, SKIPPED)]


def real_inputs(graph: Graph[Op], case: BackendCase) -> list[np.ndarray]:
    """The inputs as the float graph takes them: integers of a quantized model stand for real values."""
    reals = []
    for value, data in zip(graph.inputs, case.inputs, strict=True):
        if value.quant is not None and data.dtype in (np.int8, np.uint8):
            data = value.quant.dequantize(data.astype(np.int32) - (128 if data.dtype == np.uint8 else 0))
        reals.append(np.asarray(data, dtype=np.float32))
    return reals


def test_there_are_many() -> None:
    """A pattern that swallowed everything, or a package without its cases, would go unnoticed otherwise."""
    assert len(RUN) > 450


@pytest.mark.parametrize("name", RUN)
def test_float(name: str) -> None:
    case = backend_cases()[name]
    graph = import_model(case.file)
    for value, got, wanted in zip(graph.outputs, run_float(graph, real_inputs(graph, case)), case.outputs, strict=True):
        assert got.shape == wanted.shape
        if wanted.dtype in (np.int8, np.uint8) and value.quant is not None:
            whole = value.quant.quantize(got).astype(np.int32) + (128 if wanted.dtype == np.uint8 else 0)
            assert np.abs(whole - wanted).max() <= 1  # halves are rounded from another side
        else:
            np.testing.assert_allclose(got, wanted.astype(np.float32), rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize("name", RUN)
def test_integer(name: str) -> None:
    case = backend_cases()[name]
    graph = import_model(case.file)
    run_passes(graph, SIMPLIFY)
    (sample,) = quantized_exactly(graph, [real_inputs(graph, case)])
    wanted = run_float(graph, sample)
    annotate(graph, observe(graph, [sample]), "minmax")
    run_passes(graph, LAYOUT)
    integer = lower_graph(graph)
    pattern = matching(name, STEPS)
    limit = 1.001 if pattern is None else STEPS[pattern][0]
    outputs = run_integer(integer, quantized_inputs(integer, sample))
    for value, data, expected in zip(integer.outputs, outputs, wanted, strict=True):
        assert value.quant is not None
        real = in_model_order(value.quant.dequantize(data), value.model_perm)
        if value.dtype == "int8":
            low, high = value.quant.dequantize(np.array([-128, 127]))
            expected = expected.clip(low, high)  # a quantized model's own scale may saturate
        assert np.abs(real - expected).max(initial=0) / value.quant.scale <= (0 if value.dtype == "int32" else limit)


@pytest.mark.parametrize("name", [name for name in NAMES if is_refused(name)])
def test_refused(name: str) -> None:
    """Refused with a reason, and not with a traceback."""
    with pytest.raises((UnsupportedError, UsageError)):
        import_model(backend_cases()[name].file)


@pytest.mark.parametrize("pattern", [*REFUSED, *NOT_REFUSED, *SKIPPED, *STEPS])
def test_every_pattern_is_needed(pattern: str) -> None:
    assert fnmatch.filter(NAMES, pattern)
