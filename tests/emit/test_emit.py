"""The generated directory: golden text, the same bytes everywhere, and all or nothing on disk.

`EDGEWRIGHT_UPDATE_GOLDEN=1 pytest tests/emit/test_emit.py` writes `golden` anew.
"""

import errno
import json
import os
from pathlib import Path

import pytest

from edgewright import __version__
from edgewright.artifact import exchange
from edgewright.contracts import Contract
from edgewright.contracts.registry import records
from edgewright.emit import Origin, directory, write_directory
from edgewright.emit.calls import calls
from edgewright.emit.constants import Constants, weights, weights_header
from edgewright.emit.header import header
from edgewright.emit.model import EmittedModel
from edgewright.emit.selftest import fnv1a, pseudo_random, selftest
from edgewright.errors import UnsupportedError, UsageError
from edgewright.ir import Graph
from edgewright.ir.text import parse_graph
from edgewright.plan import Plan, make_plan
from tests.harness.graph_strategies import build_graph, quantized

NAMES = ["tiny_functions.c", "tiny_functions.h", "tiny_golden.c", "tiny_layers.c", "tiny_values.h", "tiny_weights.c",
         "tiny_weights.h"]  # fmt: skip
GOLDEN = Path(__file__).parent / "golden"
ORIGIN = Origin(model_file="tiny.onnx", model_sha256="0123456789abcdef" * 4, cpu="x86-64")
TINY = """graph 'tiny' {
  input %x:i8[1,4]<0.5:3>
  %h:i8[1,3]<0.1:-128> = fc_s8(%x) {weights=i8[3,4](1, -2, 3, -4, 5, -6, 7, -8, 9, -127, 0, 127), \
bias=i32[3](100, -200, 300), mult=i32[3](2000000, 3000000, 4000000), shift=0, rows=1, out_shape=(1, 3), \
y_zero=-128, act_min=-128} 'hidden'
  %y:i32[1]<1.0:0> = arg_max_s8(%h) {is_max=True, select_last=False, outer=1, n=3, inner=1, out_shape=(1,)} 'last'
  output %y
  output %h
}"""


def tiny_plan() -> Plan:
    """A fully connected layer and an ArgMax; both leave."""
    return make_plan(parse_graph(TINY, records()), ["c"])


def tiny_files() -> dict[str, str]:
    """The golden texts by file name; header and call list in two parts."""
    model, constants = EmittedModel("tiny", tiny_plan(), ORIGIN), Constants("tiny")
    values, opening, functions = header(model).partition("#ifdef __cplusplus\nextern")
    layers, init, accessors = calls(model, constants).partition("int tiny_init(")
    texts = {
        "tiny_values.h": values,
        "tiny_functions.h": opening + functions,
        "tiny_layers.c": layers,
        "tiny_functions.c": init + accessors,
        "tiny_weights.c": weights(model, constants),
        "tiny_weights.h": weights_header(model, constants),
        "tiny_golden.c": selftest(model),
    }
    return {name: text.replace(f"Edgewright {__version__}", "Edgewright VERSION") for name, text in texts.items()}


# ---- text ----


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str) -> None:
    text = tiny_files()[name]
    if os.environ.get("EDGEWRIGHT_UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(text)
    assert text == (GOLDEN / name).read_text()


def test_golden_files_can_be_read_at_a_glance() -> None:
    files = sorted(GOLDEN.iterdir())
    assert [path.name for path in files] == sorted(tiny_files()) == NAMES
    assert max(len(path.read_text().splitlines()) for path in files) < 60


def test_names_of_the_model_never_reach_c(tmp_path: Path) -> None:
    """Whatever the model calls its parts, every file but the manifest and the reference is the same."""
    evil = '*/ int x = 1; /* " \\ \n #error ??/ evil'
    plain, renamed = tiny_plan(), make_plan(called(evil), ["c"])
    write_directory(plain, ORIGIN, "tiny", tmp_path / "plain", b"")
    origin = Origin(evil, ORIGIN.model_sha256, "x86-64", shapes={evil: (1, 4)}, quantization={"notes": [evil]})
    write_directory(renamed, origin, "tiny", tmp_path / "evil", b"")
    different = [
        name for name, data in contents(tmp_path / "plain").items() if contents(tmp_path / "evil")[name] != data
    ]
    assert different == ["tiny_manifest.json", "tiny_reference.npz"]
    assert json.loads((tmp_path / "evil" / "tiny_manifest.json").read_text())["layers"][0]["name"] == evil


def called(name: str) -> Graph[Contract]:
    """The tiny graph with this name, or one that begins so, for everything in it."""
    graph = parse_graph(TINY, records())
    graph.name = name
    for number, value in enumerate(graph.values()):
        value.name = f"{name}{number}"
    for node in graph.nodes:
        node.name = name
    return graph


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` by its relative path, sorted."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_equal_arrays_are_written_once() -> None:
    """The same multipliers in two layers, or one table used twice, cost flash once."""
    line = "bias=i32[3](7, 8, 9), mult=i32[3](7, 8, 9), shift=0, rows=1, out_shape=(1, 3), y_zero=0} ''"
    text = f"""graph 'twice' {{
      input %x:i8[1,3]<0.5:3>
      %y:i8[1,3]<0.5:3> = fc_s8(%x) {{weights=i8[3,3](seed=1), {line}
      %z:i8[1,3]<0.5:3> = fc_s8(%y) {{weights=i8[3,3](seed=1), {line}
      output %z
    }}"""
    model, constants = EmittedModel("twice", make_plan(parse_graph(text, records()), ["c"]), ORIGIN), Constants("twice")
    calls(model, constants)
    assert [array.data.size for array in constants.arrays.values()] == [9, 3]
    assert weights(model, constants).count("const ") == weights_header(model, constants).count("extern ") == 2
    assert constants.bytes == 9 + 12


def test_a_layer_that_its_kernel_cannot_describe_is_refused() -> None:
    """The parameters of the pools hold their sizes in 16 bits."""
    text = """graph 'long' {
      input %x:i8[1,1,70000,1]<0.5:3>
      %y:i8[1,1,70000,1]<0.5:3> = max_pool_s8(%x) {window=Window((1, 1)), in_shape=(1, 70000, 1), \
out_shape=(1, 70000, 1)} 'pool'
      output %y
    }"""
    model = EmittedModel("long", make_plan(parse_graph(text, records()), ["c"]), ORIGIN)
    with pytest.raises(UnsupportedError, match=r"tiny\.onnx: 'pool': ew_pool_s8_t.in_w: 70000 does not fit uint16_t"):
        calls(model, Constants("long"))


def test_manifest_describes_the_directory(tmp_path: Path) -> None:
    document = write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "out", b"model").to_json()
    assert document == json.loads((tmp_path / "out" / "tiny_manifest.json").read_text())
    assert [(v["name"], v["dtype"], v["bytes"], v["scale"], v["zero"]) for v in document["outputs"]] == [
        ("y", "int32", 4, 1.0, 0),
        ("h", "int8", 3, 0.1, -128),
    ]
    assert [layer["kernel"] for layer in document["layers"]] == ["ew_fc_s8", "ew_arg_max_s8"]
    assert all((tmp_path / "out" / source).is_file() for source in document["sources"])
    assert document["weights_bytes"] == 12 + 12 + 12
    assert (tmp_path / "out" / "tiny_model.onnx").read_bytes() == b"model"


def test_only_used_kernels_are_copied(tmp_path: Path) -> None:
    document = write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "out", b"").to_json()
    copied = {path.name for path in (tmp_path / "out" / "runtime").rglob("*.c")}
    assert copied == {"ew_fc_s8.c", "ew_arg_max_s8.c"} == {Path(s).name for s in document["sources"] if "/" in s}


def test_numbers_of_the_selftest() -> None:
    data, state = pseudo_random(3, 1)
    again, _ = pseudo_random(2, state)
    assert (pseudo_random(5, 1)[0].tolist()) == [*data.tolist(), *again.tolist()]
    assert fnv1a(b"") == 0x811C9DC5
    assert fnv1a(b"foobar") == 0xBF9CF968, "Source: the test vectors of the FNV reference code"


# ---- the same bytes ----


def test_same_plan_same_bytes_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graphs = [quantized(build_graph(["conv", "pair", "pool", "reshape", "dense", "softmax"], 8)) for _ in range(2)]
    write_directory(make_plan(graphs[0], ["c"]), ORIGIN, "net", tmp_path / "one", b"m")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep")
    write_directory(make_plan(graphs[1], ["c"]), ORIGIN, "net", Path("er/two"), b"m")
    assert contents(tmp_path / "one") == contents(tmp_path / "deep" / "er" / "two")


# ---- all or nothing ----


def test_an_earlier_directory_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_directory(tiny_plan(), ORIGIN, "old", folder, b"")
    (folder / "build").mkdir()
    write_directory(tiny_plan(), ORIGIN, "new", folder, b"")
    assert not [name for name in contents(folder) if name.startswith("old")]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_somebody_put_into_a_generated_directory_is_not_lost(tmp_path: Path) -> None:
    write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "out", b"")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(UsageError, match=r"did not generate \(notes\.txt\); give a new or empty folder"):
        write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "out", b"")
    assert contents(tmp_path) == before


def test_parents_are_made(tmp_path: Path) -> None:
    write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "a" / "b", b"")
    assert (tmp_path / "a" / "b" / "tiny.h").is_file()


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "out", b"")
    assert (tmp_path / "out" / "tiny.h").is_file()


@pytest.mark.parametrize(
    ("why", "files", "where", "message"),
    [
        ("a file is in the way", {"out": "mine"}, "out", "is a file; give a folder with -o"),
        ("a parent is a file", {"out": "mine"}, "out/deep", "out: is a file; give a folder"),
        ("somebody's folder", {"out/notes.txt": "mine"}, "out", "holds files that Edgewright did not generate"),
        (
            "the folder of a tool that writes manifests too",
            {"out/app_manifest.json": '{"name": "app", "icons": []}', "out/index.html": ""},
            "out",
            "holds files that Edgewright did not generate",
        ),
        ("a manifest that is no JSON", {"out/app_manifest.json": "["}, "out", "did not generate"),
        ("a manifest that is a list", {"out/app_manifest.json": "[]"}, "out", "did not generate"),
    ],
)
def test_what_is_there_is_left_alone(tmp_path: Path, why: str, files: dict[str, str], where: str, message: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    before = contents(tmp_path)
    with pytest.raises(UsageError, match=message) as caught:
        write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / where, b"")
    assert "\n" not in str(caught.value)
    assert contents(tmp_path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(UsageError, match="cannot be written: Permission denied"):
        write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "closed" / "out", b"")


def test_a_full_disk_leaves_the_earlier_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "out", b"first")
    before = contents(tmp_path)

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(directory, "save_graph", full)
    with pytest.raises(UsageError, match="out: cannot be written: No space left on device"):
        write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "out", b"second")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("at_once", [True, False], ids=["exchange", "two renames"])
def test_a_failed_exchange_brings_the_earlier_directory_back(
    at_once: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "out", b"first")
    before = contents(tmp_path)
    rename = Path.rename

    def exchanged(folder: Path, new: Path) -> bool:
        if at_once:
            raise OSError(errno.EIO, "Input/output error")
        return False

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(exchange, "_exchanged", exchanged)
    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(UsageError, match="Input/output error"):
        write_directory(tiny_plan(), ORIGIN, "tiny", tmp_path / "out", b"second")
    assert contents(tmp_path) == before
