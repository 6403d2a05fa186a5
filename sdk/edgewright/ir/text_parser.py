"""Reads the text form of graphs; `edgewright.ir.text` describes it and prints it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import numpy as np

from edgewright.ir.graph import AnyGraph, AnyNode, Graph, Node, Value
from edgewright.ir.types import Quant

LONG = {"f": "float", "i": "int", "u": "uint"}
TYPE = re.compile(r"bool|[fiu](?:8|16|32|64)")
TOKEN = re.compile(
    r"""(?P<value>%(?:[\w./-]+|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
      | (?P<number>[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|(?:inf|nan)\b))
      | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<word>[A-Za-z_]\w*)
      | (?P<mark>[][(){}<>:,=^])""",
    re.VERBOSE,
)
SPACE = re.compile(r"(?:\s|\#[^\n]*)*")


def snake_case(name: str) -> str:
    """`MaxPool` as `max_pool`: how operations are called in the text."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def seeded(shape: tuple[int, ...], dtype: str, seed: int) -> np.ndarray:
    """The contents of `const(seed=...)`: standard normal floats, or integers from -127 (0 if unsigned) to 127."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.standard_normal(shape).astype(dtype)
    return rng.integers(-127 if np.dtype(dtype).kind == "i" else 0, 128, shape).astype(dtype)


class Parser:
    """Recursive descent; `token`, of `kind`, is the next one. Commas between items may be left out.

    records, constants: see `edgewright.ir.text.parse_graph`.
    """

    def __init__(self, text: str, records: Mapping[str, type], constants: Mapping[str, np.ndarray]) -> None:
        self.text = text
        self.records = records
        self.operations = {snake_case(name): record for name, record in records.items()}
        self.constants = constants
        self.kind, self.token, self.at, self.end = "", "", 0, 0
        self.advance()

    # ---- tokens ----

    def advance(self) -> str:
        """Go to the next token; the one that was left."""
        left = self.token
        space = SPACE.match(self.text, self.end)
        self.at = self.end if space is None else space.end()
        match = TOKEN.match(self.text, self.at)
        if match is not None:
            self.kind, self.token, self.end = str(match.lastgroup), match.group(), match.end()
        elif self.at == len(self.text):
            self.kind, self.token = "end", ""
        else:
            self.fail(f"unexpected {self.text[self.at]!r}")
        return left

    def fail(self, what: str) -> NoReturn:
        """Raise ValueError for the line of the next token."""
        number = self.text.count("\n", 0, self.at) + 1
        raise ValueError(f"line {number}: {what}")

    def accept(self, token: str) -> bool:
        """Whether the next token is `token`, which is then taken."""
        if self.token != token:
            return False
        self.advance()
        return True

    def take(self, expected: str) -> str:
        """The next token, which must be `expected` or of that kind."""
        if expected not in (self.kind, self.token):
            self.fail(f"expected {expected}, found {self.token or 'the end'}")
        return self.advance()

    def items(self, opening: str, closing: str, item: Callable[[], Any]) -> Iterator[Any]:
        """What `item` reads, again and again between the two marks."""
        self.take(opening)
        while not self.accept(closing):
            yield item()
            self.accept(",")

    def string(self) -> str:
        return str(ast.literal_eval(self.take("string")))

    def integer(self) -> int:
        return int(self.take("number"))

    # ---- graphs ----

    def graph(self) -> AnyGraph:
        """`graph 'name' { ... }`."""
        self.take("graph")
        graph: AnyGraph = Graph(self.string())
        known: dict[str, Value] = {}
        self.take("{")
        while not self.accept("}"):
            if self.accept("input"):
                graph.inputs.append(self.defined(self.definition(), known))
            elif self.accept("output"):
                graph.outputs.append(self.use(known))
            else:
                self.statement(graph, known)
        return graph

    def statement(self, graph: AnyGraph, known: dict[str, Value]) -> None:
        """A constant or a node; what it defines may be used behind it."""
        outputs = [self.definition()]
        while self.accept(","):
            outputs.append(self.definition())
        self.take("=")
        if self.accept("const"):
            value = outputs[0]
            value.data = self.contents(value.dtype, value.shape)
            for name, item in self.fields().items():
                setattr(value, name, item)
        else:
            graph.nodes.append(self.node(outputs, known))
        for value in outputs:
            self.defined(value, known)

    def node(self, outputs: list[Value], known: Mapping[str, Value]) -> AnyNode:
        word = self.take("word")
        if word not in self.operations:
            self.fail(f"no operation is called {word}")
        inputs = list(self.items("(", ")", lambda: None if self.accept("none") else self.use(known)))
        op = self.made(self.operations[word], [], self.fields())
        return Node(op, inputs, outputs, self.string() if self.kind == "string" else "")

    def definition(self) -> Value:
        """`%name:type[shape]<scale:zero>^(axes)`."""
        name = self.value_name()
        self.take(":")
        dtype, shape = self.tensor_type()
        value = Value(name, shape, dtype)
        if self.accept("<"):
            scale = float(self.take("number"))
            self.take(":")
            value.quant = Quant(scale, self.integer())
            self.take(">")
        if self.accept("^"):
            value.model_perm = tuple(self.items("(", ")", self.integer))
        return value

    def defined(self, value: Value, known: dict[str, Value]) -> Value:
        """`value`, known from now on."""
        if known.setdefault(value.name, value) is not value:
            self.fail(f"%{value.name} is defined twice")
        return value

    def use(self, known: Mapping[str, Value]) -> Value:
        name = self.value_name()
        if name not in known:
            self.fail(f"%{name} is not defined")
        return known[name]

    def value_name(self) -> str:
        name = self.take("value")[1:]
        return str(ast.literal_eval(name)) if name[0] in "'\"" else name

    def tensor_type(self) -> tuple[str, tuple[int, ...]]:
        """`f32[1,4]` as a NumPy dtype name and a shape."""
        word = self.take("word")
        if not TYPE.fullmatch(word):
            self.fail(f"no type is called {word}")
        dtype = LONG[word[0]] + word[1:] if word[0] in LONG else word
        return dtype, tuple(self.items("[", "]", self.integer))

    # ---- fields ----

    def fields(self) -> dict[str, Any]:
        """`{name=item, ...}`, or nothing."""
        return dict(self.items("{", "}", self.field)) if self.token == "{" else {}

    def field(self) -> tuple[str, Any]:
        name = self.take("word")
        self.take("=")
        return name, self.item()

    def item(self) -> Any:
        """The value of a field: a number, string, tuple, array, graph, record, True, False or None."""
        if self.kind == "number":
            text = self.advance()
            return int(text) if text.lstrip("+-").isdigit() else float(text)
        if self.kind == "string":
            return self.string()
        if self.token == "(":
            return tuple(self.items("(", ")", self.item))
        if self.token == "graph":
            return self.graph()
        if self.token in ("True", "False", "None"):
            return ast.literal_eval(self.advance())
        return self.contents(*self.tensor_type()) if TYPE.fullmatch(self.token) else self.record()

    def record(self) -> Any:
        """`Name(item, ..., field=item, ...)`."""
        name = self.take("word")
        if name not in self.records:
            self.fail(f"no record is called {name}")
        positional: list[Any] = []
        named: dict[str, Any] = {}

        def argument() -> None:
            if self.kind == "word" and self.text[self.end :].lstrip().startswith("="):
                named.update([self.field()])
            else:
                positional.append(self.item())

        for _ in self.items("(", ")", argument):
            pass
        return self.made(self.records[name], positional, named)

    def made(self, record: type, positional: list[Any], named: Mapping[str, Any]) -> Any:
        try:
            return record(*positional, **named)
        except TypeError as error:
            self.fail(str(error))

    def contents(self, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
        """`(1, 2, ...)`, `(seed=3)` or `(hash='...')`."""
        found = list(self.items("(", ")", lambda: self.field() if self.token in ("seed", "hash") else self.item()))
        how, key = found[0] if len(found) == 1 and isinstance(found[0], tuple) else ("", None)
        if how == "seed":
            return seeded(shape, dtype, key)
        if how == "hash":
            if key not in self.constants:
                self.fail(f"the contents of hash {key} are not given")
            return self.constants[key]
        if len(found) != int(np.prod(shape, dtype=np.int64)):
            self.fail(f"{len(found)} elements for shape {list(shape)}")
        return np.array(found, dtype=dtype).reshape(shape)
