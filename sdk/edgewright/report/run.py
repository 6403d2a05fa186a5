"""Reports about programs: built, validated, profiled."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from edgewright.report.tables import facts, percent, table

Document = dict[str, Any]


def show_built(console: Console, document: Document) -> None:
    """Measured sizes of the minimal program and where they come from."""
    target = document["target"]
    stack = document["stack_bytes"]
    facts(
        console,
        [
            ("target", target["board"] or target["cpu"]),
            ("runner", document["elf"] or document["library"] or document["elf_problem"]),
            ("minimal program", document["minimal_elf"]),
            ("flash", f"{document['flash_bytes']:,} bytes (text + rodata + data)"),
            ("RAM", f"{document['ram_bytes']:,} bytes (data + bss, arena of {document['arena_bytes']:,} included)"),
            ("stack", "not bounded" if stack is None else f"{stack:,} bytes at most"),
        ],
    )
    rows = [[name, part["flash"], part["ram"]] for name, part in document["parts"].items()]
    table(console, "Where it goes", ["part ", "flash", "RAM"], rows)


def show_validation(console: Console, document: Document) -> None:
    """Accuracy and agreement of reference and places, and whether the bytes are the same."""
    target = document["target"]
    facts(
        console,
        [
            ("target", target["board"] or target["cpu"]),
            ("samples", document["samples"]),
            *(("note", note) for note in document["notes"]),
            ("data", None if document["representative"] else "RANDOM: accuracy and agreement mean nothing"),
            ("float accuracy", None if document["float_accuracy"] is None else percent(document["float_accuracy"])),
        ],
    )
    error = document["reconstruction_mse"]
    if error:
        facts(console, [("reconstruction error", f"float {error['float']:.4f}, int8 {error['int8']:.4f}")])
    rows = [_scores("reference (NumPy)", document["reference"], None, None)]
    for name, place in document["places"].items():
        rows.append(_scores(name, place, place["mismatched_bytes"], place["first_divergent_layer"]))
    columns = ["place ", "accuracy", "agreement", "RMSE", "cosine", "mismatched bytes", "first layer that differs "]
    table(console, "Against the float model", columns, rows)


def _scores(name: str, scores: Document, mismatched: int | None, layer: str | None) -> list[Any]:
    return [name, percent(scores["accuracy"]), percent(scores["agreement"]), scores["rmse"], f"{scores['cosine']:.6f}",
            mismatched, layer or ""]  # fmt: skip


def _flash(wait_states: int | None, error: Document | None) -> str | None:
    """What the modelled cycles assume of the flash, and whether that is what the error was measured with."""
    if wait_states is None or error is None:
        return None
    if wait_states or not error["figures"]:
        return f"{wait_states} wait states"
    return "0 wait states; the error was measured with those of a board, whose cycles are more"


def show_profile(console: Console, document: Document) -> None:
    """Counted cost of one inference, per layer."""
    target = document["target"]
    if document["unit"] != "emulated-instructions":
        facts(
            console,
            [
                ("target", target["board"] or target["cpu"]),
                ("measured on", f"{document['place']} ({document['unit']})"),
                ("threads", f"up to {document['threads']}" if "threads" in document else None),
                (f"one inference, median of {document['runs']}", f"{document['time']:,} {document['time_unit']}"),
            ],
        )
        return
    cycles, error = document["model_cycles"], document["model_cycles_error"]
    facts(
        console,
        [
            ("target", target["board"] or target["cpu"]),
            ("counted on", f"{document['place']} ({document['unit']})"),
            ("threads", f"one, which runs what {document['threads']} would" if "threads" in document else None),
            ("instructions", document["instructions"]),
            ("loads", document["loads"]),
            ("stores", document["stores"]),
            ("cycles, modelled", None if cycles is None else f"{cycles:,}; {error['text']}"),
            ("flash", _flash(document["flash_wait_states"], error)),
        ],
    )
    total = max(document["instructions"], 1)
    rows = [
        [v["name"], v["kernel"], v["macs"] or None, v["instructions"],
         f"{v['instructions'] / v['macs']:.2f}" if v["macs"] else "-", f"{100 * v['instructions'] / total:.1f} %"]
        for v in document["layers"]
    ]  # fmt: skip
    table(console, "Layers", ["name ", "kernel ", "MACs", "instructions", "per MAC", "share"], rows)
