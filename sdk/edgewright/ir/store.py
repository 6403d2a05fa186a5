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
from edgewright.ir.graph import Graph, Node, Operation, Value
from edgewright.ir.types import Quant

FORMAT = 1


def save_graph(graph: Graph, path: Path) -> None:
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


def load_graph(path: Path, records: Mapping[str, type]) -> Graph:
    """The graph in `path`. records: class name -> class, for every operation and record that may occur.

    Raises:
        UsageError: the file is missing, damaged or of another format.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            document = json.loads(bytes(archive["graph.json"]).decode())
            arrays = {key: archive[key] for key in archive.files if key != "graph.json"}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path.name}: cannot be read as a stored graph: {error}") from None
    if document.get("format") != FORMAT:
        raise UsageError(f"{path.name}: format {document.get('format')}, this version reads {FORMAT}")

    def unpack(item: Any) -> Any:
        if isinstance(item, dict) and "array" in item:
            return arrays[item["array"]]
        if isinstance(item, dict) and "record" in item:
            return records[item["record"]](**{k: unpack(v) for k, v in item["fields"].items()})
        return tuple(unpack(v) for v in item["tuple"]) if isinstance(item, dict) else item

    values = [
        Value(
            v["name"],
            tuple(v["shape"]),
            v["dtype"],
            None if v["data"] is None else unpack(v["data"]),
            None if v["quant"] is None else Quant(*v["quant"]),
            model_perm=None if v["model_perm"] is None else tuple(v["model_perm"]),
        )
        for v in document["values"]
    ]
    graph = Graph(document["name"], [values[i] for i in document["inputs"]], [values[i] for i in document["outputs"]])
    for n in document["nodes"]:
        op: Operation = unpack(n["op"])
        inputs = [None if i is None else values[i] for i in n["inputs"]]
        graph.nodes.append(Node(op, inputs, [values[i] for i in n["outputs"]], n["name"]))
    return graph


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array), allow_pickle=False)
    return stream.getvalue()
