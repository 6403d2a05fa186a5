"""Whole files with a few places to fill in."""

from pathlib import Path


def render(template: Path, **values: object) -> str:
    """The text of a Jinja template; every value that it names must be given."""
    return fill(template.read_text(encoding="utf-8"), **values)


def fill(text: str, **values: object) -> str:
    """The same for the text of a template."""
    import jinja2

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(text).render(values)
