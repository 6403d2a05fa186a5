"""What a board's file becomes for the compiler and the linker."""

from edgewright.cgen.blocks import LICENSE_LINE
from edgewright.cgen.template import render
from edgewright.targets import Board, Step, load_arch, load_cpu
from edgewright.targets.board import IN_FLASH, RETAINED_BYTES

BOARD_HEADER = "ew_board.h"
LINKER_SCRIPT = "linker.ld"


def linker_script(board: Board, arena_bytes: int = 0) -> str:
    """The linker script of a board's programs, for a model whose arena has `arena_bytes`."""
    arch = load_arch(load_cpu(board.cpu).arch)
    stack, arena, weights = board.stack_memory, board.arena_memory(arena_bytes), board.weights_memory
    return render(
        arch.path(arch.linker_template),
        name=board.name,
        flash=board.flash,
        ram=board.ram,
        stack=stack,
        arena=arena,
        weights=weights,
        arena_base=arena.base + (board.stack_bytes if arena == stack else 0),
        vectors_in_flash=board.vectors_base == IN_FLASH,
        vectors_base=max(board.vectors_base, 0),
        stack_bytes=board.stack_bytes,
        retained_bytes=RETAINED_BYTES,
    )


def board_header(board: Board) -> str:
    """`ew_board.h`: the numbers that drivers and port are compiled with, and the steps before the UART is used."""
    numbers = {"EW_BOARD_CLOCK_HZ": board.clock_hz, "EW_BOARD_SYSTICK_CYCLES": int(board.systick_cycles)}
    if uart := board.uart:
        tx, rx = uart.pin_numbers
        numbers |= {
            "EW_UART_BASE": uart.base,
            "EW_UART_IRQ": uart.irq,
            "EW_UART_CLOCK_HZ": uart.clock_hz,
            "EW_UART_BAUD": uart.baud,
            "EW_UART_TX_PIN": tx,
            "EW_UART_RX_PIN": rx,
        }
    lines = [LICENSE_LINE, *(f"#define {name} {value}u" for name, value in numbers.items())]
    if board.steps:
        rows = [f"    {_row(step)}" for step in board.steps]
        lines.append("#define EW_BOARD_STEPS \\\n" + " \\\n".join(rows))
    return "\n".join([*lines, ""])


def _row(step: Step) -> str:
    """An `ew_board_step_t` as C."""
    values = (step.register, step.set, step.clear, step.wait, step.awaited if step.wait else 0)
    return "{" + ", ".join(f"{value:#010x}u" for value in values) + "},"
