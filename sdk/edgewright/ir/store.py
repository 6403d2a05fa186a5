"""Integer graphs on disk: a JSON structure and the arrays it refers to, in one `.npz` without pickles.

Written beside the generated C, so that any place can later be checked against the reference.
"""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.errors import UsageError
from edgewright.ir.archive import read_npz
from edgewright.ir.graph import AnyGraph, Graph, Node, Operation, Value
from edgewright.ir.types import Quant

FORMAT = 1


def save_graph(graph: AnyGraph, path: Path) -> None:
    """Write `graph`, whose operations are frozen dataclasses of plain values and arrays.

    The same graph gives the same bytes.
    """
    arrays: dict[str, np.ndarray] = {}
    values = list(graph.values())
    number = {value: i for i, value in enumerate(values)}

    def pack(item: Any) -> Any:
        if isinstance(item, np.ndarray):
            key = f"a{len(arrays)}"
            arrays[key] = item
            return {"array": key}
        if dataclasses.is_dataclass(item) and not isinstance(item, type):
            body = {f.name: pack(getattr(item, f.name)) for f in dataclasses.fields(item)}
            return {"record": type(item).__name__, "fields": body}
        if isinstance(item, tuple | list):
            return {"tuple": [pack(v) for v in item]}
        return item.item() if isinstance(item, np.generic) else item

    document = {
        "format": FORMAT,
        "name": graph.name,
        "values": [
            {
                "name": v.name,
                "shape": list(v.shape),
                "dtype": v.dtype,
                "data": None if v.data is None else pack(v.data),
                "quant": None if v.quant is None else [v.quant.scale, v.quant.zero],
                "model_perm": None if v.model_perm is None else list(v.model_perm),
            }
            for v in values
        ],
        "inputs": [number[v] for v in graph.inputs],
        "outputs": [number[v] for v in graph.outputs],
        "nodes": [
            {
                "name": n.name,
                "op": pack(n.op),
                "inputs": [None if v is None else number[v] for v in n.inputs],
                "outputs": [number[v] for v in n.outputs],
            }
            for n in graph.nodes
        ],
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "graph.json", json.dumps(document).encode())
        for key, array in arrays.items():
            _add(archive, f"{key}.npy", _npy(array))


def load_graph(path: Path, records: Mapping[str, type]) -> AnyGraph:
    """The graph in `path`. records: class name -> class, for every operation and record that may occur.

    Raises:
        UsageError: the file is missing, damaged or of another format.
    """
    arrays = read_npz(path)
    try:
        document = json.loads(bytes(arrays.pop("graph.json")))
        if document["format"] != FORMAT:
            raise UsageError(f"{path}: format {document['format']}, this version reads {FORMAT}")
        graph = _Reader(arrays, records).graph(document)
        graph.verify()
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise UsageError(f"{path}: not a stored graph of this version: {type(error).__name__}: {error}") from None
    return graph


class _Reader:
    """Rebuilds a graph from its JSON structure and arrays."""

    def __init__(self, arrays: Mapping[str, Any], records: Mapping[str, type]) -> None:
        self.arrays = arrays
        self.records = records

    def graph(self, document: Mapping[str, Any]) -> AnyGraph:
        values = [self.value(item) for item in document["values"]]
        inputs, outputs = ([values[i] for i in document[end]] for end in ("inputs", "outputs"))
        graph: AnyGraph = Graph(document["name"], inputs, outputs)
        for item in document["nodes"]:
            op: Operation = self.unpacked(item["op"])
            operands = [None if i is None else values[i] for i in item["inputs"]]
            graph.nodes.append(Node(op, operands, [values[i] for i in item["outputs"]], item["name"]))
        return graph

    def value(self, item: Mapping[str, Any]) -> Value:
        shape, quant, perm = item["shape"], item["quant"], item["model_perm"]
        return Value(
            item["name"],
            tuple(int(size) for size in shape),
            np.dtype(item["dtype"]).name,
            None if item["data"] is None else self.unpacked(item["data"]),
            None if quant is None else Quant(*quant),
            model_perm=None if perm is None else tuple(perm),
        )

    def unpacked(self, item: Any) -> Any:
        if not isinstance(item, dict):
            return item
        if "array" in item:
            return self.arrays[item["array"]]
        if "record" in item:
            return self.records[item["record"]](**{k: self.unpacked(v) for k, v in item["fields"].items()})
        return tuple(self.unpacked(v) for v in item["tuple"])


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array, order="C"), allow_pickle=False)
    return stream.getvalue()
