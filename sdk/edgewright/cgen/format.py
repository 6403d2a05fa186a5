"""How generated C looks: every line of it is formatted here."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from edgewright.cgen.layout import struct_fields
from edgewright.cgen.nodes import Array, Fields, FieldValue
from edgewright.paths import data_folder

LINE_WIDTH = 112

C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "uint32": "uint32_t",
}
INTEGER_TYPE = re.compile(r"(u?)int(8|16|32)_t")


def kernel_header() -> Path:
    """The header that declares every kernel and its parameters."""
    return data_folder("runtime_c") / "include" / "ew_kernels.h"


def literal(value: int) -> str:
    """An integer constant expression of the value, valid for its whole 32-bit range."""
    if value == -(2**31):
        return "(-2147483647 - 1)"
    return f"{value}u" if value > 2**31 - 1 else str(value)


def hexadecimal(value: int, size_bytes: int) -> str:
    """The value in hexadecimal digits for its size and, where it is negative, a minus: no type is exceeded."""
    if value == -(2**31):
        return "(-0x7fffffff - 1)"
    return f"{'-' if value < 0 else ''}0x{abs(value):0{2 * size_bytes}x}{'u' if value > 2**31 - 1 else ''}"


def define(name: str, value: int | str, comment: str = "") -> str:
    """`#define NAME value /* comment */`."""
    text = f"#define {name} {literal(value) if isinstance(value, int) else value}"
    return f"{text} /* {comment} */" if comment else text


def static_assert(condition: str, name: str) -> str:
    """A C99 static assertion: a typedef whose array size is negative when the condition is false."""
    return f"typedef char {name}[({condition}) ? 1 : -1];"


def array(name: str, value: Array, *, static: bool = False) -> str:
    """The definition of a constant array, wrapped to `LINE_WIDTH`."""
    ctype = C_TYPES[value.data.dtype.name]
    head = f"{'static ' if static else ''}const {ctype} {name}[{value.data.size}]"
    attributes = f" EW_CONST_SECTION EW_ALIGNED({value.align})"
    return f"{head}{attributes} = {{\n{_wrapped(value.data)}}};"


def declaration(name: str, value: Array) -> str:
    """The `extern` declaration of the same array."""
    return f"extern const {C_TYPES[value.data.dtype.name]} {name}[{value.data.size}];"


def kernel_call(symbol: str, ctype: str, arguments: Sequence[str], widen: str = "") -> str:
    """The call of a kernel with parameters `ctype`, whose weights the function `widen` widens before."""
    text = ", ".join(arguments)
    return f"{ctype.removesuffix('_s8_t')}_widened({text}, {widen}, {symbol});" if widen else f"{symbol}({text});"


def struct(ctype: str, name: str, fields: Fields, pointer: Callable[[Array], str]) -> str:
    """The definition of a constant parameter struct; `pointer` names the array that a field points to.

    Values stand in the order in which the header declares the fields (C++ wants that too).

    Raises:
        KeyError: a field that the header does not declare, or one of the header that is not given.
        OverflowError: a value outside the type of its field.
    """
    return f"static const {ctype} {name} EW_CONST_SECTION = {_braced(ctype, fields, pointer, '    ')};"


def _braced(ctype: str, fields: Fields, pointer: Callable[[Array], str], indent: str) -> str:
    declared = struct_fields(kernel_header())[ctype]
    unknown = [key for key in fields if key not in declared]
    if unknown:
        raise KeyError(f"{ctype} has no field {unknown[0]}; it has {', '.join(declared)}")
    missing = [key for key in declared if key not in fields]
    if missing:
        raise KeyError(f"{ctype}.{missing[0]} is not given; the class of the kernel gives every field of the header")
    lines = []
    for key, field_type in declared.items():
        try:
            value = _value(field_type, fields[key], pointer, indent)
        except OverflowError as error:
            raise OverflowError(f"{ctype}.{key}: {error}") from None
        lines.append(f"{indent}{value}, /* {key} */")
    return "{\n" + "\n".join(lines) + f"\n{indent[:-4]}}}"


def _value(ctype: str, value: FieldValue, pointer: Callable[[Array], str], indent: str) -> str:
    if isinstance(value, Array):
        return pointer(value)
    if isinstance(value, Mapping):
        return _braced(ctype, value, pointer, indent + "    ")
    if isinstance(value, tuple):
        return "{" + ", ".join(_number(ctype.removesuffix("[]"), int(v)) for v in value) + "}"
    return _number(ctype, int(value))


def _number(ctype: str, value: int) -> str:
    match = INTEGER_TYPE.fullmatch(ctype)
    if match is not None:
        bits = int(match[2])
        low, high = (0, 2**bits - 1) if match[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        if not low <= value <= high:
            raise OverflowError(f"{value} does not fit {ctype}")
    return literal(value)


def _wrapped(data: np.ndarray) -> str:
    lines: list[str] = []
    line = "   "
    for value in data.tolist():
        text = f" {hexadecimal(value, data.dtype.itemsize)},"
        if len(line) + len(text) > LINE_WIDTH:
            lines.append(line)
            line = "   "
        line += text
    lines.append(line)
    return "\n".join(lines) + "\n"
