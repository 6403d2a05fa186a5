"""Reports about what surrounds a model: targets, operators, tools, the demo."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from edgewright.report.tables import facts, percent, table

Document = dict[str, Any]


def show_targets(console: Console, document: Document) -> None:
    """CPUs and boards."""
    rows = [[cpu["name"], cpu["summary"], " ".join(cpu["isas"]), cpu["emulator"]] for cpu in document["cpus"]]
    table(console, "CPUs", ["name ", "what  ", "kernels ", "emulated by  "], rows)
    rows = [
        [b["name"], b["cpu"], b["flash_bytes"], b["ram_bytes"], f"{b['clock_hz'] / 1e6:g} MHz", b["summary"]]
        for b in document["boards"]
    ]
    table(console, "Boards", ["name ", "CPU ", "flash", "RAM", "clock", "what  "], rows)
    for problem in document["problems"]:
        console.print(f"not usable: {problem}", markup=False, soft_wrap=True)


def show_operators(console: Console, document: Document) -> None:
    """Operators and their limits."""
    rows = [list(row.values()) for row in document["operators"]]
    columns = [f"{name.replace('_', ' ')}  " for name in document["operators"][0]]
    table(console, f"{len(rows)} ONNX operators", columns, rows)


def show_doctor(console: Console, document: Document) -> None:
    """Tools, and the command for the missing ones."""
    rows = [[t["command"], t["version"] or "MISSING", t["purpose"]] for t in document["tools"]]
    table(console, "Tools", ["tool ", "version  ", "needed for  "], rows)
    rows = [[row["emulator"], _counts_with(row)] for row in document["counting"]]
    table(console, "Counting instructions", ["emulator ", "counts with  "], rows)
    console.print()
    for line in document["unknown_cpus"]:
        console.print(f"cannot build for {line}", markup=False, soft_wrap=True)
    if document["install"]:
        console.print(f"install the missing ones with: {document['install']}")
    elif document["complete"]:
        console.print("everything is here")


def _counts_with(row: Document) -> str:
    api = row["api"]
    return f"plugin API {api['used']}; this QEMU has {api['least']} to {api['most']}" if api else str(row["problem"])


def show_demo(console: Console, document: Document) -> None:
    """The one table of the demo."""
    if document["missing_tools"]:
        console.print(f"no {' and no '.join(document['missing_tools'])} here: the demo runs on this machine instead")
    table(
        console,
        f"{document['model']} as int8 C for {document['cpu']}: {document['images']} test images, {document['place']}",
        ["measure ", "value"],
        [
            ["float accuracy (ONNX Runtime)", percent(document["float_accuracy"])],
            [f"int8 accuracy ({document['place']})", percent(document["int8_accuracy"])],
            ["bytes that differ from the integer reference", document["mismatched_bytes"]],
            ["flash", f"{document['flash_bytes']:,} bytes"],
            ["RAM", f"{document['ram_bytes']:,} bytes"],
            ["stack, at most", f"{document['stack_bytes']:,} bytes" if document["stack_bytes"] else "-"],
            ["instructions per image (emulated)", document["instructions"] or "-"],
            ["multiply-accumulates per image", document["macs"]],
        ],
    )
    if document["count_problem"]:
        console.print(f"no count: {document['count_problem']}", markup=False)
    facts(console, [("generated C", document["directory"])])
