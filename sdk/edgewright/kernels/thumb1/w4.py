"""4-bit weights on Armv6-M (Cortex-M0, M0+): two products to a multiplication."""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import conv_fields
from edgewright.kernels.c.dense import fc_fields
from edgewright.kernels.geometry.limits import groups_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped
from edgewright.kernels.nibbles import narrow, refusal_of_w4
from edgewright.kernels.thumb1.packing import output_refusal

#: Outputs of a block, positions of a block, taps of a word.
EIGHT = 8
#: Largest sum of |w| in a run: 255 times it stays inside a signed halfword.
RUN_LIMIT = 128


def raised_bias(c: ConvS8 | FcS8) -> np.ndarray:
    """Biases less 128 * sum of the weights, for inputs that stand as x + 128; int64 [outputs]."""
    weights = c.weights.reshape(c.weights.shape[0], -1).astype(np.int64)
    raised: np.ndarray = c.bias - 128 * weights.sum(axis=1)
    return raised


def block_words(c: FcS8) -> np.ndarray:
    """For each eight outputs their biases, their mults, and a word for each input; uint32 words.

    Nibble o of a word is w + 8 of output o; outputs that fill the last block have weights and biases of zero.
    """
    n, k = c.weights.shape
    spare = -n % EIGHT
    nibbles = np.pad(c.weights.astype(np.int64), ((0, spare), (0, 0))).reshape(-1, EIGHT, k) + 8
    words = (nibbles << 4 * np.arange(EIGHT)[:, None]).sum(axis=1)
    head = [np.pad(v.astype(np.int64), (0, spare)).reshape(-1, EIGHT) for v in (raised_bias(c), c.mult)]
    return (np.concatenate([*head, words], axis=1) & 0xFFFFFFFF).astype(np.uint32).reshape(-1)


def run_words(c: ConvS8) -> np.ndarray:
    """For each output its bias, its mult, runs { words, words of eight taps }, 0; uint32 words."""
    weights = c.weights.reshape(c.weights.shape[0], -1).astype(np.int64)
    taps = np.pad(weights, ((0, 0), (0, -weights.shape[1] % EIGHT))).reshape(len(weights), -1, EIGHT)
    words = ((taps & 15) << 4 * np.arange(EIGHT)).sum(axis=2)
    largest = np.abs(taps).sum(axis=2)
    found: list[int] = []
    for bias, mult, row, sums in zip(raised_bias(c), c.mult, words, largest, strict=True):
        found += [int(bias), int(mult)]
        for first, last in runs_within(sums, RUN_LIMIT):
            found += [last - first, *row[first:last].tolist()]
        found.append(0)
    return (np.array(found, np.int64) & 0xFFFFFFFF).astype(np.uint32)


def runs_within(sums: np.ndarray, limit: int) -> list[tuple[int, int]]:
    """[first, last) of as few consecutive runs as have totals up to `limit` each; no sum is larger."""
    runs = []
    first, total = 0, 0
    for i, value in enumerate(sums.tolist()):
        if total + value > limit:
            runs.append((first, i))
            first, total = i, 0
        total += value
    return [*runs, (first, len(sums))]


class FcW4Kernel(Kernel[FcS8]):
    """A fully connected layer of weights in [-7, 7], eight outputs at a time."""

    symbol = "ew_fc_w4_s8__thumb1"
    sources = ("thumb1/ew_fc_w4_s8__thumb1.c", "thumb1/ew_fc8_w4__thumb1.S")

    def limits(self, contract: FcS8) -> str | None:
        contract = narrow(contract)
        return refusal_of_w4(contract) or output_refusal(contract, shifts=True)

    def calls(self, contract: FcS8) -> list[KernelCall]:
        contract = narrow(contract)
        fields = fc_fields(contract, Array(block_words(contract)), 0, 0)
        return [KernelCall(self.symbol, "ew_fc_s8_t", fields)]

    def scratch_bytes(self, contract: FcS8) -> int:
        return int(contract.weights.shape[1] + 7) // 8 * 8

    def cost(self, contract: FcS8) -> float:
        n, k = contract.weights.shape
        return float(contract.rows * (10 * k + -(-n // EIGHT) * (17 * k + 45 * -(-k // 16) + 272)))


class ConvW4Kernel(Kernel[ConvS8]):
    """Any convolution without groups, weights in [-7, 7]: the taps of eight positions times one output."""

    symbol = "ew_conv_w4_s8__thumb1"
    sources = ("thumb1/ew_conv_w4_s8__thumb1.c", "thumb1/ew_gemm_px8_w4__thumb1.S")

    def limits(self, contract: ConvS8) -> str | None:
        contract = narrow(contract)
        return groups_refusal(contract) or refusal_of_w4(contract) or output_refusal(contract, shifts=True)

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        contract = narrow(contract)
        fields = conv_fields(contract, Array(run_words(contract)), 0, 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def scratch_bytes(self, contract: ConvS8) -> int:
        return 16 * EIGHT * -(-int(contract.weights[0].size) // EIGHT)

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        steps = stepped(contract.out_shape[0] * contract.out_shape[1], EIGHT)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, steps, copied=True)

    def cost(self, contract: ConvS8) -> float:
        taps, outputs = int(contract.weights[0].size), contract.out_shape[2]
        pixels = contract.out_shape[0] * contract.out_shape[1]
        runs = outputs + float(np.abs(contract.weights.astype(np.int64)).sum()) / (RUN_LIMIT << narrow(contract).shift)
        block = outputs * (36 + 92 * -(-taps // EIGHT)) + 51 * runs
        window = 4 * taps + 130 + 95 * contract.window.kernel[0]
        return -(-pixels // EIGHT) * block + pixels * (23.0 * outputs + window)
