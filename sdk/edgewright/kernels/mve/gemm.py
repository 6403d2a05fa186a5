"""The weight packing and cost of the MVE matrix core, `runtime_c/src/mve/ew_gemm__mve.h`."""

import numpy as np

from edgewright.cgen import Array

VECTOR_BYTES = 16
#: Pixels that pass in one go while weights of a single vector stay in registers (`ew_gemm__mve.c`).
STATIONARY_PIXELS = 64
FC_SOURCES = ("mve/ew_fc_s8__mve.c", "mve/ew_fc_core__mve.S", "mve/ew_copy__mve.S")
GEMM_SOURCES = ("mve/ew_gemm__mve.c", "mve/ew_gemm_core__mve.S", "mve/ew_gemm_shallow__mve.S", "mve/ew_copy__mve.S")


def whole_vectors(n: int) -> int:
    """The number of bytes rounded up to whole vectors."""
    return -(-n // VECTOR_BYTES) * VECTOR_BYTES


def halved(mult: np.ndarray) -> np.ndarray:
    """Multipliers for VQRDMULH, which doubles the product; exact because they are even."""
    return (np.asarray(mult) >> 1).astype("<i4")


def packed_block(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray, channels: int) -> bytes:
    """One block of `channels` (4 or 8) rows of weights [<= channels, depth], missing ones zero.

    [depth / 16][channels][16] int8, then for every four channels int32 bias[4], mult[4] halved.
    """
    rows, depth = weights.shape
    wide = np.zeros((channels, whole_vectors(depth)), np.int8)
    wide[:rows, :depth] = weights
    parts = [wide.reshape(channels, -1, VECTOR_BYTES).transpose(1, 0, 2).tobytes()]
    for first in range(0, channels, 4):
        for values in (np.asarray(bias).astype("<i4"), halved(mult)):
            four = np.zeros(4, "<i4")
            some = values[first : first + 4]
            four[: some.size] = some
            parts.append(four.tobytes())
    return b"".join(parts)


def packed_gemm(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray) -> Array:
    """Weights [out_c, depth] as the core reads them: the last of several blocks holds the last four channels."""
    out_c = weights.shape[0]
    starts = [max(min(first, out_c - 4), 0) for first in range(0, out_c, 4)]
    blocks = [packed_block(weights[o : o + 4], bias[o : o + 4], mult[o : o + 4], 4) for o in starts]
    return Array(np.frombuffer(b"".join(blocks), np.int8), align=8)


def packed_fc(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray) -> Array:
    """Weights [out_features, in_features] for a single row: blocks of eight, and what is left over as four or eight."""
    out_features = weights.shape[0]
    blocks = []
    for o in range(0, out_features, 8):
        channels = 4 if out_features - o <= 4 else 8
        blocks.append(packed_block(weights[o : o + 8], bias[o : o + 8], mult[o : o + 8], channels))
    return Array(np.frombuffer(b"".join(blocks), np.int8), align=8)


def tail_bytes(depth: int, step: int) -> int:
    """Scratch of `ew_gemm_bounded__mve`: the last pixels, `step` apart, whose vectors leave the input."""
    beyond = whole_vectors(depth) - depth
    pixels = -(-beyond // step) + 1
    return whole_vectors(pixels * depth + beyond) if beyond else 0


def copy_blocks_cost(block_bytes: int, blocks: float) -> float:
    """Instructions of `ew_copy_blocks__mve`, counted in the emulator."""
    vectors = whole_vectors(block_bytes) // VECTOR_BYTES
    if vectors == 1:
        return 20 + 5 * blocks
    return 24 + blocks * (2 * vectors + 4 if block_bytes % VECTOR_BYTES == 0 and vectors <= 12 else 3 * vectors + 5)


def gemm_cost(pixels: int, depth: int, out_c: int) -> float:
    """Instructions of the core for `pixels`, counted in the emulator."""
    if out_c < 4:
        return gemm_cost(pixels, depth, 4) + 8 * pixels + 100
    steps = whole_vectors(depth) // VECTOR_BYTES
    blocks = -(-out_c // 4)
    if steps == 1:
        turns = -(-pixels // STATIONARY_PIXELS)
        return blocks * (29 * (pixels // 2) + 15 * (pixels % 2) + 17 * turns) + 60.0 * turns + 40
    rounds = max(steps - 3, 0) // 8
    block = 42 if steps == 2 else 14 * steps + 17 + (2 * rounds + 3 if rounds else 0)
    return -(-pixels // 2) * (blocks * block + 14 + (4 if out_c % 4 else 0)) + 115.0


def fc_scratch_bytes(in_features: int) -> int:
    """A copy of an input whose length is not a whole number of vectors."""
    return whole_vectors(in_features) if in_features % VECTOR_BYTES else 0


def fc_cost(in_features: int, out_features: int) -> float:
    """Instructions of `ew_fc_s8__mve`, counted in the emulator."""
    steps = whole_vectors(in_features) // VECTOR_BYTES
    eight = 17 * steps + 2 * ((steps - 1) // 8 + 1) + 24
    rest = out_features % 8
    last = 0 if not rest else 30 + (10 * steps if rest <= 4 else eight)
    return out_features // 8 * eight + last + 80.0
