"""What NAME.h and NAME.c say of a model in words: sizes and axes, and nothing of its own text."""

import pytest

from edgewright.contracts.registry import records
from edgewright.emit import Origin
from edgewright.emit.captions import caption
from edgewright.emit.header import header
from edgewright.emit.model import EmittedModel
from edgewright.ir.text import parse_graph
from edgewright.plan import make_plan

POOLED = """graph 'pooled' {
  input %x:i8[1,6,8,4]<0.5:3>
  %y:i8[1,3,4,4]<0.5:3> = max_pool_s8(%x) {window=Window((2, 3), (2, 2), (1, 1), (0, 1)), in_shape=(6, 8, 4), \
out_shape=(3, 4, 4)} 'evil */'
  %z:i8[1,3,4,4]<0.5:3> = lut_s8(%y) {table=i8[256](seed=1), n=48} 'evil */'
  output %z
}"""


def pooled(quantization: dict[str, object], perm: tuple[int, ...] | None = (0, 2, 3, 1)) -> EmittedModel:
    graph = parse_graph(POOLED, records())
    graph.inputs[0].model_perm = perm
    origin = Origin("evil */.onnx", "ab" * 32, "cortex-m4", quantization=quantization)
    return EmittedModel("pooled", make_plan(graph, ["c"]), origin)


def test_captions_hold_kind_kernel_stride_and_shapes() -> None:
    layers = pooled({}).plan.layers
    assert [caption(index, layer) for index, layer in enumerate(layers)] == [
        "0: max pool 2x3 stride 2, 1x6x8x4 -> 1x3x4x4",
        "1: lut, 1x3x4x4 -> 1x3x4x4",
    ]


@pytest.mark.parametrize(
    ("quantization", "says"),
    [
        ({"method": "minmax", "samples": 100, "representative": True}, "scales: minmax, from 100 samples"),
        ({"method": "mse", "samples": 1, "representative": False}, "scales: mse, from 1 RANDOM samples: they mean"),
        ({"method": "model", "samples": 0, "representative": True}, "scales: the model's own"),
    ],
)
def test_the_header_says_where_scales_come_from(quantization: dict[str, object], says: str) -> None:
    text = header(pooled(quantization))
    assert says in text
    assert "evil" not in text


@pytest.mark.parametrize(
    ("perm", "says"),
    [
        ((0, 2, 3, 1), "NHWC; the ONNX model has NCHW"),
        ((0, 3, 1, 2), "axes (0, 3, 1, 2) of the ONNX model"),
        (None, "as in the ONNX model"),
    ],
)
def test_the_header_says_how_inputs_lie(perm: tuple[int, ...] | None, says: str) -> None:
    assert f"#define POOLED_INPUT0_SHAPE {{1, 6, 8, 4}} /* {says} */" in header(pooled({}, perm))
