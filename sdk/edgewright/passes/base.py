"""Runs passes and checks what they leave behind."""

from collections.abc import Callable, Sequence

from edgewright.errors import EdgewrightError, UnsupportedError
from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op

#: A pass rewrites the graph in place and returns how many changes it made.
Pass = Callable[[Graph[Op]], int]


def run_passes(graph: Graph[Op], passes: Sequence[Pass]) -> dict[str, int]:
    """Run `passes` in order; changes made by each, by name.

    After each pass the graph is pruned and verified.

    Raises:
        ValueError: a pass left an invalid graph (the message names it).
        UnsupportedError: a pass met what it does not expect.
    """
    changes: dict[str, int] = {}
    for rewrite in passes:
        name = getattr(rewrite, "__name__", str(rewrite))
        try:
            changes[name] = changes.get(name, 0) + rewrite(graph)
        except EdgewrightError:
            raise
        except Exception as error:  # a graph that nobody thought of must not end in a traceback
            raise UnsupportedError(graph.name, [f"pass {name}: {type(error).__name__}: {error}"]) from error
        graph.prune()
        try:
            graph.verify()
        except ValueError as error:
            raise ValueError(f"pass {name}: {error}") from error
    return changes


def only_reader(graph: Graph[Op], value: Value, readers: dict[Value, list[Node[Op]]]) -> Node[Op] | None:
    """The node that alone reads `value`; None when several do, or when it leaves the graph."""
    found = readers.get(value, [])
    return found[0] if len(found) == 1 and not graph.is_output(value) else None
