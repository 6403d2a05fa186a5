"""C prefixes: which ones are taken as given, which are refused, and what a file name becomes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgewright.emit.names import LONGEST, check_name, name_from_path
from edgewright.errors import UsageError


@pytest.mark.parametrize(
    "name", ["kws", "a", "model_2", "x" * LONGEST, "sizes", "int80", "strings2", "main_net", "ewe"]
)
def test_usable_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "Kws", "2nd", "_net", "my-net", "my net", "nét", "a" * (LONGEST + 1), "a\n", "a;b"]
)
def test_names_that_are_no_c_prefix(name: str) -> None:
    with pytest.raises(UsageError, match="not usable as a C prefix; give -n with 1 to 40 lower-case letters"):
        check_name(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("int", "a keyword of C"),
        ("class", "a keyword of C++"),
        ("size", "size_t is in <stddef.h>"),
        ("int8", "int8_t is in <stdint.h>"),
        ("uint_fast16", "so is this"),
        ("string", "string.h would hide <string.h> from the kernels"),
        ("stdint", "so would this"),
        ("ew", "ew.h is the runtime's"),
        ("ew_conv_s8", "ew_conv_s8_t is the runtime's"),
        ("test", "CMake keeps this name for itself"),
    ],
)
def test_names_that_mean_something_else(name: str, why: str) -> None:
    with pytest.raises(UsageError, match="taken by C, by the runtime or by CMake"):
        check_name(name)


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("kws", "kws"),
        ("KWS-v2.final", "kws_v2_final"),
        ("  spaced  out ", "spaced_out"),
        ("99bottles", "model_99bottles"),
        ("模型", "model"),
        ("naïve", "na_ve"),
        ("", "model"),
        ("...", "model"),
        ("string", "model_string"),
        ("int8", "model_int8"),
        ("ew_net", "model_ew_net"),
        ("test", "model_test"),
        ("a" * 39 + "-b", "a" * 39),
        ("model_", "model"),
        ('*/ evil "', "evil"),
    ],
)
def test_name_from_a_file_name(stem: str, name: str) -> None:
    assert name_from_path(stem) == name


@given(st.text(max_size=60))
def test_every_file_name_gives_a_usable_name(stem: str) -> None:
    assert check_name(name_from_path(stem)) == name_from_path(stem)
