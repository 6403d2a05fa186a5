"""docs/targets.md says what targets/ holds."""

from pathlib import Path

from edgewright.report.targets import targets_page

PAGE = Path(__file__).parents[2] / "docs" / "targets.md"


def test_page_is_current() -> None:
    assert PAGE.read_text() == targets_page(), "write it: python -m edgewright.report.targets > docs/targets.md"
