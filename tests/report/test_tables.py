"""Tables of reports: the numbers stay in sight."""

import pytest
from rich.console import Console

from edgewright.report.tables import shortened, table


def drawn(columns: list[str], rows: list[list[object]], width: int) -> list[str]:
    console = Console(width=width)
    with console.capture() as caught:
        table(console, "Layers", columns, rows)
    return [line.rstrip() for line in caught.get().splitlines() if line.strip()]


def test_a_very_long_name_leaves_the_numbers() -> None:
    """TFLite converters join the names of all that they fused, to hundreds of characters."""
    name = "first" + ";functional/conv/BiasAdd/ReadVariableOp" * 8 + ";last"
    lines = drawn(["name ", "kernel ", "MACs"], [[name, "ew_conv_s8__dsp", 320000], ["b", "ew_lut_s8", 7]], 60)
    assert max(map(len, lines)) <= 60
    assert lines[2].startswith("first;")
    assert lines[2].endswith(";last  ew_conv_s8__dsp  320,000")
    assert lines[3].split() == ["b", "ew_lut_s8", "7"]


def test_what_fits_is_left_as_it_is() -> None:
    lines = drawn(["name ", "MACs"], [["stage3/conv", 5]], 60)
    assert lines[2].split() == ["stage3/conv", "5"]


@pytest.mark.parametrize(
    ("text", "width", "wanted"),
    [("abcdef", 6, "abcdef"), ("abcdefgh", 5, "ab…gh"), ("abcdefgh", 4, "ab…h"), ("", 4, "")],
)
def test_shortened(text: str, width: int, wanted: str) -> None:
    assert shortened(text, width) == wanted
