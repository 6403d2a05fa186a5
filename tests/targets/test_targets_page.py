"""docs/targets.md and docs/boards.md say what targets/ holds."""

from pathlib import Path

from edgewright.report.boards import boards_page
from edgewright.report.targets import targets_page

DOCS = Path(__file__).parents[2] / "docs"


def test_pages_are_current() -> None:
    for name, page in (("targets", targets_page()), ("boards", boards_page())):
        assert (DOCS / f"{name}.md").read_text() == page, "write it: make pages"


def test_the_page_of_boards_claims_no_hardware() -> None:
    rows = [line for line in boards_page().splitlines() if line.endswith("compiled only |") or "| emulated" in line]
    assert any("`netduinoplus2`" in row and "| emulated: `netduinoplus2` |" in row for row in rows)
    assert any("`nucleo-f446re`" in row and "| compiled only |" in row for row in rows)
    assert not any("hardware" in row for row in rows)
