"""The kinds of C that are generated."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewright.cgen import Array, Fields, FieldValue, array, define, static_assert, struct
from edgewright.cgen import format as formatting
from edgewright.cgen.format import LINE_WIDTH, declaration, kernel_header, literal
from edgewright.cgen.layout import struct_fields
from edgewright.kernels import all_kernels

HEADER = """
/* A comment; with a typedef struct { int32_t ghost; } ghost_t; inside. */
typedef struct {
    const int8_t *w;    /* [n]; */
    const int32_t *bias, *mult;
    int32_t rows, cols;
    uint16_t window[2], pad[4]; /* left, right */
} inner_t;
typedef struct {
    inner_t in;
    int8_t act_min;
} outer_t;
"""


# ---- literals ----


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-5, "-5"), (2**31 - 1, "2147483647"), (2**31, "2147483648u"), (2**32 - 1, "4294967295u"),
     (-(2**31), "(-2147483647 - 1)"), (-(2**31) + 1, "-2147483647")],
)  # fmt: skip
def test_literals(value: int, text: str) -> None:
    """-2147483648 is no literal in C: the minus applies to a number that int cannot hold."""
    assert literal(value) == text


def test_defines_and_assertions() -> None:
    assert define("N", 7) == "#define N 7"
    assert define("N", -(2**31), "least") == "#define N (-2147483647 - 1) /* least */"
    assert define("SHA", '"ab"') == '#define SHA "ab"'
    assert static_assert("N == 7", "n_is_7") == "typedef char n_is_7[(N == 7) ? 1 : -1];"


def test_array_text() -> None:
    data = np.array([1, -2, 127], dtype=np.int8)
    assert array("w", Array(data)) == (
        "const int8_t w[3] EW_CONST_SECTION EW_ALIGNED(4) = {\n    0x01, -0x02, 0x7f,\n};"
    )
    assert array("w", Array(data, 16), static=True).startswith(
        "static const int8_t w[3] EW_CONST_SECTION EW_ALIGNED(16)"
    )
    assert declaration("w", Array(data)) == "extern const int8_t w[3];"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=300))
def test_arrays_are_wrapped_and_complete(values: list[int]) -> None:
    text = array("x", Array(np.array(values, dtype=np.int32)))
    assert all(len(line) <= LINE_WIDTH for line in text.splitlines())
    body = text[text.index("{") + 1 : text.index("}")]
    assert [eval(item.strip()) for item in body.split(",")[:-1]] == values


def test_equal_arrays_have_equal_keys() -> None:
    ones = np.ones(4, dtype=np.int8)
    assert Array(ones).key() == Array(ones.copy()).key()
    assert Array(ones).key() != Array(ones, 16).key()
    assert Array(ones).key() != Array(ones.view(np.int32)).key()


# ---- structs ----


def complete(ctype: str, **values: FieldValue) -> Fields:
    """The fields of a struct of the header: those given, and zeros."""
    declared = struct_fields(kernel_header())
    zeros = {
        key: complete(kind) if kind in declared else (0,) if kind.endswith("[]") else 0
        for key, kind in declared[ctype].items()
    }
    return {**zeros, **values}


def test_fields_of_a_header_in_order(tmp_path: Path) -> None:
    (tmp_path / "h.h").write_text(HEADER)
    assert struct_fields(tmp_path / "h.h") == {
        "inner_t": {"w": "int8_t", "bias": "int32_t", "mult": "int32_t", "rows": "int32_t", "cols": "int32_t",
                    "window": "uint16_t[]", "pad": "uint16_t[]"},
        "outer_t": {"in": "inner_t", "act_min": "int8_t"},
    }  # fmt: skip


def test_struct_fields_follow_the_header() -> None:
    weights = Array(np.ones(2, dtype=np.int8))
    fields = complete("ew_fc_s8_t", act_max=9, rows=2, w=weights)
    text = struct("ew_fc_s8_t", "p", fields, lambda value: "weights" if value is weights else "other")
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0] == "static const ew_fc_s8_t p EW_CONST_SECTION = {"
    assert (lines[1], lines[-2], lines[-1]) == ("weights, /* w */", "9, /* act_max */", "};")
    assert "2, /* rows */" in lines
    assert "0, /* bias */" in lines


def test_a_field_that_the_header_does_not_declare_is_an_error() -> None:
    with pytest.raises(KeyError, match="ew_fc_s8_t has no field wheights; it has w, bias"):
        struct("ew_fc_s8_t", "p", {"wheights": 1}, str)


def test_a_field_inserted_into_a_struct_is_noticed_when_generating(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a value of its own it would silently be zero."""
    fields = complete("ew_fc_s8_t")
    text = kernel_header().read_text()
    inserted = text.replace("    uint32_t rows, in_features", "    uint16_t groups;\n    uint32_t rows, in_features", 1)
    assert inserted != text
    (tmp_path / "ew_kernels.h").write_text(inserted)
    monkeypatch.setattr(formatting, "kernel_header", lambda: tmp_path / "ew_kernels.h")
    with pytest.raises(KeyError, match=r"ew_fc_s8_t\.groups is not given"):
        struct("ew_fc_s8_t", "p", fields, str)


def test_every_kernel_has_a_parameter_struct() -> None:
    """A struct that the header parser misses would fail only when somebody compiles such a layer."""
    declared = struct_fields(kernel_header())
    text = kernel_header().read_text()
    assert {name for name in declared if name.startswith("ew_")} == {
        line.split()[1].rstrip(";") for line in text.splitlines() if line.startswith("} ew_")
    }
    base = {kernel.symbol.partition("__")[0] for kernel in all_kernels() if kernel.symbol}
    assert {f"{symbol}_t" for symbol in base if f"{symbol}_t" in declared}


@pytest.mark.parametrize(
    ("ctype", "field", "value"),
    [("ew_conv_s8_t", "in_c", 65536), ("ew_conv_s8_t", "shift", -1), ("ew_fc_s8_t", "y_zero", 128),
     ("ew_add_s8_t", "offset", 2**31)],
)  # fmt: skip
def test_a_value_outside_its_type_is_an_error(ctype: str, field: str, value: int) -> None:
    """C would take the low bits, with a warning that nobody reads."""
    with pytest.raises(OverflowError, match=f"{ctype}.{field}: {value} does not fit u?int[0-9]+_t"):
        struct(ctype, "p", complete(ctype, **{field: value}), str)


def test_generated_text_compiles(tmp_path: Path) -> None:
    """All of it together: a nested struct, a pointer, and the extremes of every type."""
    extremes = {np.int8: (-128, 127), np.int16: (-(2**15), 2**15 - 1), np.int32: (-(2**31), 2**31 - 1),
                np.uint8: (0, 255), np.uint16: (0, 2**16 - 1), np.uint32: (0, 2**32 - 1)}  # fmt: skip
    parts = [array(f"a{k}", Array(np.array(v, dtype=t)), static=True) for k, (t, v) in enumerate(extremes.items())]
    fields = {
        "add": complete("ew_add_s8_t", a_mult=-(2**31), n=2**32 - 1, shift=255, act_min=-128),
        "shape": complete("ew_broadcast_t", dims=(1, 2, 3, 2**32 - 1)),
    }
    parts += ["", struct("ew_add_broadcast_s8_t", "p", fields, str)]
    parts += [struct("ew_add_broadcast_s8_t", "zero", complete("ew_add_broadcast_s8_t"), str)]
    parts += [struct("ew_fc_s8_t", "q", complete("ew_fc_s8_t", w=Array(np.ones(1, dtype=np.int8))), lambda _: "a0")]
    parts += [define("N", 4), static_assert("N == 4", "n_is_4")]
    uses = " + ".join(f"(a{k}[0] != a{k}[1])" for k in range(len(extremes)))
    parts.append(f"int use(void);\nint use(void) {{ return {uses} + (q.w != 0) + p.add.shift + zero.add.shift; }}\n")
    (tmp_path / "all.c").write_text("\n".join(['#include "ew_kernels.h"', *parts]))
    command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic", "-fsyntax-only"]
    subprocess.run([*command, f"-I{kernel_header().parent}", str(tmp_path / "all.c")], check=True)
