"""Reports about a model: inspected, quantized, pruned, compiled."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from edgewright.report.tables import cell, facts, table

Document = dict[str, Any]


def show_inspection(console: Console, document: Document) -> None:
    """Header, operators, layers and whether it fits."""
    facts(
        console,
        [
            ("model", f"{document['model']}  ({document['bytes']:,} bytes, opset {document['opset']})"),
            ("producer", document["producer"]),
            ("operators", ", ".join(f"{name} x{count}" for name, count in document["operators"].items())),
        ],
    )
    if not document["supported"]:
        table(console, "Not supported", ["reason  "], [[reason] for reason in document["unsupported"]])
        return
    facts(
        console,
        [
            *[("input", f"{v['name']}  {cell(v['shape'])}") for v in document["inputs"]],
            *[("output", f"{v['name']}  {cell(v['shape'])}") for v in document["outputs"]],
            ("parameters", document["parameters"]),
            ("MACs", document["macs"]),
            ("of them needed", None if document["macs_needed"] == document["macs"] else document["macs_needed"]),
            ("arrives quantized", document["quantized"]),
        ],
    )
    rows = [[v["name"], v["op"], v["output_shape"], v["parameters"], v["macs"]] for v in document["layers"]]
    table(console, "Layers", ["name ", "operation ", "output", "parameters", "MACs"], rows)
    target = document.get("target")
    if target:
        console.print()
        facts(
            console,
            [
                ("target", f"{target['name']} ({target['cpu']})"),
                ("flash, planned", _of(target["flash_bytes"], target["flash_limit_bytes"])),
                ("arena", _of(target["arena_bytes"], target["ram_limit_bytes"])),
                ("peak at", target["peak_layer"]),
                ("fits", target["fits"]),
            ],
        )


def show_quantized(console: Console, document: Document) -> None:
    """Where the quantized model went and how its scales were chosen."""
    facts(console, [("written", f"{document['output']}  ({document['bytes']:,} bytes)"), *_calibration(document)])


def show_compiled(console: Console, document: Document) -> None:
    """Planned sizes, ends and layers of a generated directory."""
    target = document["target"]
    macs = document["model"]["macs"]
    removed = f" (of {macs:,} in the model)" if macs != document["macs"] else ""
    facts(
        console,
        [
            ("model", document["model"]["file"]),
            ("target", target["board"] or target["cpu"]),
            ("written", document["directory"]),
            *_calibration(document),
            ("MACs", f"{document['macs']:,}{removed}"),
            ("weights", f"{document['weights_bytes']:,} bytes"),
            ("flash, planned", f"{document['flash_bytes']:,} bytes (`edgewright build` measures it)"),
            ("arena", f"{document['arena_bytes']:,} bytes, peak at '{document['peak_layer']}'"),
            ("threads", _threads(document)),
        ],
    )
    show_layers(console, document)


def show_layers(console: Console, document: Document) -> None:
    """The layers of a manifest and the kernels that run them."""
    rows = [
        [v["index"], v["name"], v["op"], v["kernel"], v["output_shape"], v["macs"], v["scratch_bytes"]]
        for v in document["layers"]
    ]
    table(console, "Layers", ["#", "name ", "contract ", "kernel ", "output", "MACs", "scratch"], rows)


def show_pruned(console: Console, document: Document) -> None:
    """What was cut, per layer and in all."""
    facts(
        console,
        [
            ("written", document["output"]),
            ("method", document["method"]),
            ("amount", document["amount"]),
            ("parity", document.get("parity")),
        ],
    )
    rows = [
        [v["name"], v.get("channels_before"), v.get("channels_after"), v["parameters_before"], v["parameters_after"],
         v["macs_before"], v["macs_after"]]
        for v in document["layers"]
    ]  # fmt: skip
    columns = ["layer ", "channels", "kept", "parameters", "kept", "MACs", "kept"]
    total = document["totals"]
    rows.append(["total", None, None, total["parameters_before"], total["parameters_after"], total["macs_before"],
                 total["macs_after"]])  # fmt: skip
    table(console, "Pruning", columns, rows)
    if total.get("zero_weights_after") is not None:
        console.print(
            f"weights that are zero: {total['zero_weights_before']:,} before, {total['zero_weights_after']:,} after"
        )


def _threads(document: Document) -> str | None:
    """How many threads work on how many layers; None when they were not asked for."""
    if "threads" not in document:
        return None
    split = sum("threads" in layer for layer in document["layers"])
    return (
        f"up to {document['threads']}, in {split} of {len(document['layers'])} layers" if split else "1: no heavy layer"
    )


def _calibration(document: Document) -> list[tuple[str, Any]]:
    quantization = document["quantization"]
    if quantization["method"] == "model":
        return [("scales", "the model's own")]
    text = f"{quantization['method']}, {quantization['samples']} samples"
    if not quantization["representative"]:
        text += ", RANDOM DATA: not representative, accuracy is meaningless"
    errors = quantization.get("errors") or {}
    compared = ", ".join(f"{name} {error:.3g}" for name, error in errors.items())
    return [
        ("calibration", text),
        ("relative error by method", compared),
        *(("output", f"{v['name']}  {v['snr_db']:.1f} dB signal to noise") for v in quantization.get("outputs", [])),
        *(("note", n) for n in quantization.get("notes", [])),
        *(("WARNING", text) for text in quantization.get("warnings", [])),
    ]


def _of(size: int, limit: int | None) -> str:
    return f"{size:,} bytes" + ("" if limit is None else f" of {limit:,}")
