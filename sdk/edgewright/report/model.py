"""Reports about a model: inspected, quantized, pruned, compiled."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from edgewright.artifact import Manifest
from edgewright.compress import Quality
from edgewright.quantize.rounding.layer import NIBBLE
from edgewright.report.show import show
from edgewright.report.tables import cell, facts, percent, table
from edgewright.verbs.compile import Compiled
from edgewright.verbs.inspect import Contents, Inspected, Need
from edgewright.verbs.prune import Finetuned, Pruned
from edgewright.verbs.quantize import Quantized
from edgewright.verbs.sensitivity import Sensitivity

#: Losses from here on are said in words: points of top-1 or agreement, percent of noise (20 dB).
NOTED_POINTS = 1.0


@show.register
def show_inspection(result: Inspected, console: Console) -> None:
    """Header, operators, layers and whether it fits."""
    facts(
        console,
        [
            ("model", f"{result.model}  ({result.bytes:,} bytes, opset {result.opset})"),
            ("producer", result.producer),
            ("operators", ", ".join(f"{name} x{count}" for name, count in result.operators.items())),
        ],
    )
    if result.contents is None:
        table(console, "Not supported", ["reason  "], [[reason] for reason in result.unsupported])
        return
    _show_contents(result.contents, console)
    target = result.target
    if target:
        console.print()
        facts(
            console,
            [
                ("target", f"{target.name} ({target.cpu})"),
                ("flash, planned", _of(target.flash_bytes, target.flash_limit_bytes)),
                ("arena", _of(target.arena_bytes, target.ram_limit_bytes)),
                ("peak at", target.peak_layer),
                ("fits", target.fits if target.stand_in is None else _stand_in(target)),
            ],
        )


def _stand_in(target: Need) -> str:
    """The verdict where no chip was named: on the memory of the board that is emulated for the CPU."""
    return f"{cell(target.fits)}, in the emulated {target.stand_in}; no chip is named: give a board with -t"


def _show_contents(contents: Contents, console: Console) -> None:
    facts(
        console,
        [
            *[("input", f"{end.name}  {cell(end.shape)}") for end in contents.inputs],
            *[("output", f"{end.name}  {cell(end.shape)}") for end in contents.outputs],
            ("parameters", contents.parameters),
            ("MACs", contents.macs),
            ("of them needed", None if contents.macs_needed == contents.macs else contents.macs_needed),
            ("arrives quantized", contents.quantized),
        ],
    )
    rows = [[v.name, v.op, v.output_shape, v.parameters, v.macs] for v in contents.layers]
    table(console, "Layers", ["name ", "operation ", "output", "parameters", "MACs"], rows)


@show.register
def show_quantized(result: Quantized, console: Console) -> None:
    """Where the quantized model went and how its scales were chosen."""
    facts(console, [("written", f"{result.output}  ({result.bytes:,} bytes)"), *_calibration(result.quantization)])
    _show_weights(result.quantization, console)


@show.register
def show_compiled(result: Compiled, console: Console) -> None:
    """Planned sizes, ends and layers of a generated directory."""
    manifest = result.manifest
    macs = manifest.model.macs
    removed = f" (of {macs:,} in the model)" if macs != manifest.macs else ""
    facts(
        console,
        [
            ("model", manifest.model.file),
            ("target", manifest.target.name),
            ("written", result.directory),
            *_calibration(manifest.quantization),
            ("MACs", f"{manifest.macs:,}{removed}"),
            ("weights", f"{manifest.weights_bytes:,} bytes"),
            ("note", _unpacked(manifest)),
            ("flash, planned", f"{result.flash_bytes:,} bytes (`edgewright build` measures it)"),
            ("arena", f"{manifest.arena_bytes:,} bytes, peak at '{manifest.peak_layer}'"),
            ("threads", _threads(manifest, result.threads)),
        ],
    )
    _show_weights(manifest.quantization, console)
    rows = [[v.index, v.name, v.op, v.kernel, v.output_shape, v.macs, v.scratch_bytes] for v in manifest.layers]
    table(console, "Layers", ["#", "name ", "contract ", "kernel ", "output", "MACs", "scratch"], rows)


@show.register
def show_pruned(result: Pruned, console: Console) -> None:
    """What was cut, what that cost, per layer and in all."""
    report, quality = result.report, result.quality
    facts(
        console,
        [
            ("written", result.output or "NOTHING: it lost more than it may"),
            ("method", f"{report.method}, {report.amount}"),
            ("calibration", f"{result.calibration} samples, {report.refitted_layers} layers refitted"),
            ("fine-tuned", result.finetuned and _finetuned(result.finetuned)),
            ("cut against mask", f"{report.cut_difference:.1g} of the range"),
            *quality_facts(quality, result.representative),
        ],
    )
    before, after = report.before, report.after
    parts = [(v.name, v.before.channels, v.after.channels, v.before, v.after) for v in report.layers]
    rows = [
        [name, channels, kept, old.parameters, new.parameters, old.macs, new.macs]
        for name, channels, kept, old, new in (*parts, ("total", None, None, before, after))
    ]
    table(console, "Pruning", ["layer ", "channels", "kept", "parameters", "kept", "MACs", "kept"], rows)
    console.print(f"MACs: {percent(after.macs / max(before.macs, 1))} of what they were; int8 parameters: "
                  f"{before.bytes:,} bytes before, {after.bytes:,} after")  # fmt: skip
    console.print(f"weights that are zero: {before.zero_weights:,} before, {after.zero_weights:,} after")


@show.register
def show_sensitivity(result: Sensitivity, console: Console) -> None:
    """What every family of channels alone would cost."""
    facts(console, [("model", result.model), ("picture", result.picture), *data_facts(result.representative)])
    rows = []
    for cut in result.cuts:
        more = f" and {len(cut.layers) - 1} more" if len(cut.layers) > 1 else ""
        least_db = min(cut.quality.snr_db.values())
        rows.append([
            cut.layers[0] + more, cut.channels, cut.channels - cut.removed, percent(cut.macs),
            f"{cut.quality.drop:.2f}", f"{least_db:.1f}",
        ])  # fmt: skip
    table(console, "Each alone", ["layer ", "channels", "kept", "MACs left", "points lost", "dB"], rows)


def quality_facts(quality: Quality, representative: bool) -> list[tuple[str, Any]]:
    """A model after a change against what it was."""
    points = 100 * (quality.accuracy[1] - quality.accuracy[0]) if quality.accuracy else 0.0
    top_1 = " before, ".join(percent(share) for share in quality.accuracy or ())
    return [
        ("judged on", quality.judges),
        *data_facts(representative),
        ("top-1", f"{top_1} after: {points:+.2f} points" if quality.accuracy else None),
        ("agreement", None if quality.agreement is None else f"{percent(quality.agreement)} with the model as it came"),
        ("output against original", ", ".join(f"{name} {db:.1f} dB" for name, db in quality.snr_db.items())),
        ("note", None if quality.drop <= NOTED_POINTS else f"it lost {quality.drop:.1f} points: {quality.verdict}"),
    ]


def _finetuned(tuned: Finetuned) -> str:
    """How a pruned model was trained, and what it was before."""
    training = tuned.training
    return (
        f"{len(training.epochs) - 1} epochs on {training.samples} samples, the best was {training.best}; "
        f"before, {tuned.before.verdict}"
    )


def data_facts(representative: bool) -> list[tuple[str, Any]]:
    return [] if representative else [("data", "RANDOM: this says little; give --calib DATA.npz")]


def _threads(manifest: Manifest, asked: int | None) -> str | None:
    """How many threads work on how many layers; None when they were not asked for."""
    if asked is None and manifest.threads == 1:
        return None
    split = sum(layer.threads > 1 for layer in manifest.layers)
    return f"up to {manifest.threads}, in {split} of {len(manifest.layers)} layers" if split else "1: no heavy layer"


def _calibration(quantization: dict[str, Any]) -> list[tuple[str, Any]]:
    if quantization["method"] == "model":
        return [("scales", "the model's own")]
    text = f"{quantization['method']}, {quantization['samples']} samples"
    if not quantization["representative"]:
        text += ", RANDOM DATA: not representative, accuracy is meaningless"
    errors = quantization.get("errors") or {}
    weights = quantization.get("weights") or {}
    return [
        ("calibration", text),
        ("relative error by method", _compared(errors)),
        ("held out, by rounding", _compared(weights.get("errors") or {})),
        *_held_out(weights.get("held_out")),
        *(("output", f"{v['name']}  {v['snr_db']:.1f} dB signal to noise") for v in quantization.get("outputs", [])),
        *(("note", n) for n in quantization.get("notes", [])),
        *(("WARNING", text) for text in quantization.get("warnings", [])),
    ]


def _compared(errors: dict[str, float]) -> str:
    return ", ".join(f"{name} {error:.3g}" for name, error in errors.items())


def _held_out(quality: dict[str, Any] | None) -> list[tuple[str, Any]]:
    """What rounding lost on samples that it did not learn from."""
    if quality is None:
        return []
    before, after, agreement = (quality[key] for key in ("accuracy_before", "accuracy_after", "agreement"))
    worst = min(quality["snr_db"].values())
    answers = [
        *([] if before is None else [f"top-1 {percent(before)} before, {percent(after)} after"]),
        *([f"{percent(agreement)} agree"] if agreement is not None else [f"noise {quality['drop']:.2f} %"]),
        f"{worst:.1f} dB",
    ]
    most = f"{quality['max_drop']:g} points allowed"
    return [("held-out samples", f"{quality['samples']}: {', '.join(answers)}; {most}")]


def _show_weights(quantization: dict[str, Any], console: Console) -> None:
    """Bits and bytes of every layer that could have 4 bits."""
    layers = (quantization.get("weights") or {}).get("layers")
    if not layers:
        return
    rows = [[v["name"], v["bits"], v["bytes"], "" if v["error"] is None else f"{v['error']:.2g}"] for v in layers]
    rows.append(["total", "", sum(v["bytes"] for v in layers), ""])
    table(console, "Weights", ["layer ", "bits", "bytes", "error of 4 bits alone"], rows)


def _unpacked(manifest: Manifest) -> str | None:
    """What is said when layers were rounded to 4 bits for nothing: it cost precision and saved no flash."""
    layers = (manifest.quantization.get("weights") or {}).get("layers") or []
    narrow = {layer["name"] for layer in layers if layer["bits"] <= NIBBLE}
    wide = sorted(v.name for v in manifest.layers if v.name in narrow and "w4" not in v.kernel)
    if not wide:
        return None
    return (
        f"{len(wide)} of {len(narrow)} layers of 4 bits are stored as bytes here ({', '.join(wide[:3])}): try -O flash"
    )


def _of(size: int, limit: int | None) -> str:
    return f"{size:,} bytes" + ("" if limit is None else f" of {limit:,}")
