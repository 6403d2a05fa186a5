"""What the packings of the NEON and SDOT kernels share: blocks of outputs or channels, and their bytes."""

import numpy as np

from edgewright.contracts.conv import ConvS8

QUAD, OCTET = 4, 8
READ_BYTES = 16
#: SMULL and SMLAL add two products in an int16 lane: |w0| + |w1| must not exceed it. Bounds: 255 * 128 < 2^15.
PAIR_LIMIT = 255


def block_outputs(out_c: int, width: int) -> np.ndarray:
    """Which outputs each block of `width` computes, [blocks, width]; the last block overlaps the one before.

    Fewer than `width` outputs make one block whose surplus is out_c and more.
    """
    starts = np.arange(0, out_c, width)
    starts[-1] = max(0, out_c - width)
    return starts[:, None] + np.arange(width)


def gather_outputs(values: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """`values` [out_c, ...] in the order of `outputs`; zero for outputs beyond the last."""
    widened = np.concatenate([values, np.zeros((int(outputs.max()) + 1, *values.shape[1:]), values.dtype)])
    gathered: np.ndarray = widened[outputs.reshape(-1)]
    return gathered


def as_bytes(values: np.ndarray) -> np.ndarray:
    """int32 [..., n] as the int8 [..., 4 * n] of little-endian memory."""
    return np.ascontiguousarray(values.astype("<i4")).view(np.int8)


def lane_blocks(out_c: int) -> list[np.ndarray]:
    """Outputs in blocks of 16, then one of 8 when 8 or fewer are left; the last one is moved back."""
    blocks = []
    at = 0
    while at < out_c:
        lanes = 16 if out_c >= 16 and out_c - at > 8 else 8
        start = at if at + lanes <= out_c else max(0, out_c - lanes)
        blocks.append(np.arange(start, start + lanes))
        at += lanes
    return blocks


def tail_scratch(k: int, x_pitch: int) -> int:
    """Bytes for the last rows of `ew_gemm_bounded`, copied because a body reads behind their end."""
    row_bytes = -(-k // READ_BYTES) * READ_BYTES
    return row_bytes * -(-(row_bytes - k) // x_pitch)


def matrix(c: ConvS8) -> np.ndarray:
    """The weights of a convolution as [out_c, k]."""
    return c.weights.reshape(c.out_shape[2], -1)
