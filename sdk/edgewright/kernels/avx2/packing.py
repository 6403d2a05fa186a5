"""Weight orders of the AVX2 kernels."""

import numpy as np

#: The matrix product of convolutions and fully connected layers.
GEMM_SOURCE = "avx2/ew_gemm__avx2.c"
BLOCK = 16
#: Channel that each sum of a block belongs to: VPACKSSDW and VPUNPCK work within 128-bit halves.
SPLIT = np.array([0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15])


def blocked(channels: np.ndarray) -> np.ndarray:
    """int32 [out_c] in blocks of 16, in the order of their sums; zeros behind the last channel."""
    padded = np.pad(channels, (0, -channels.size % BLOCK)).reshape(-1, BLOCK)
    return np.ascontiguousarray(padded[:, SPLIT].reshape(-1))


def gemm_weights(runs: np.ndarray) -> np.ndarray:
    """int8 [blocks][runs][pairs][16][2] of weights [out_c, runs, length], zeros behind odd ends."""
    out_c, count, length = runs.shape
    padded = np.pad(runs, ((0, -out_c % BLOCK), (0, 0), (0, length % 2)))
    split = padded.reshape(-1, BLOCK, count, (length + 1) // 2, 2)[:, SPLIT]
    return np.ascontiguousarray(split.transpose(0, 2, 3, 1, 4).reshape(-1))


def depthwise_blocks(channels: int) -> np.ndarray:
    """First channel of each block; the last one goes back to end with the last channel."""
    blocks: np.ndarray = np.minimum(np.arange(0, channels, BLOCK), max(0, channels - BLOCK))
    return blocks


def depthwise_order(channels: int) -> np.ndarray:
    """Channels of all blocks in the order of their sums, `channels` for what is none."""
    order = depthwise_blocks(channels)[:, None] + SPLIT
    capped: np.ndarray = np.minimum(order, channels).reshape(-1)
    return capped


def depthwise_weights(weights: np.ndarray) -> np.ndarray:
    """int16 [blocks][tap pairs][16][2] of weights [k_h, k_w, channels], zeros behind an odd last tap."""
    channels = weights.shape[2]
    taps = weights.reshape(-1, channels)
    padded = np.pad(taps, ((0, taps.shape[0] % 2), (0, 1)))[:, depthwise_order(channels)]
    split = padded.reshape(padded.shape[0] // 2, 2, -1, BLOCK)
    return np.ascontiguousarray(split.transpose(2, 0, 3, 1).reshape(-1).astype(np.int16))


def depthwise_channels(values: np.ndarray) -> np.ndarray:
    """int32 [channels] in the order of `depthwise_order`."""
    return np.ascontiguousarray(np.append(values, 0).astype(np.int32)[depthwise_order(values.size)])
