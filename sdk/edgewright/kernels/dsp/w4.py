"""4-bit weights by the DSP instructions, four channels to a halfword; read by `dsp/ew_gemm_w4_px4__dsp.S`."""

from typing import ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import conv_fields
from edgewright.kernels.c.dense import fc_fields
from edgewright.kernels.dsp.conv import (
    FORM_SOURCES,
    Conv1x1Kernel,
    Conv1x1W16Kernel,
    ConvKernel,
    ConvW16Kernel,
    GemmKernel,
    kpairs_of,
    layer_of,
    pixels_of,
)
from edgewright.kernels.dsp.dense import as_conv, size_refusal
from edgewright.kernels.dsp.packing import NOTHING, Layer, k_pairs, stream
from edgewright.kernels.nibbles import narrow, narrowed, refusal_of_w4, unshifted
from edgewright.kernels.recast import RecastKernel
from edgewright.kernels.widened import DSP, WidenedKernel, even, weights_of, with_suffix

#: Exact ends of the sums of channels 1 and 2 with 8 A, and of channel 3, in a record of four channels.
LIMITS = (2**31, 2**27, 2**23, 2**19)
#: The largest magnitude of what pads a last K pair.
PAD_LIMIT = 2**15
#: Channels that are widened together where all at once would take too much memory; even.
SLAB = 16


def quads_of(channels: int) -> np.ndarray:
    """The channels of each record: int64 [records, 4]; the last record may overlap the one before."""
    starts = [min(first, channels - 4) for first in range(0, channels, 4)]
    return np.array(starts)[:, None] + np.arange(4)


def quad_refusal(layer: Layer) -> str | None:
    """Why four channels cannot share a word: too few of them, or sums that it cannot hold."""
    weights, bias, _ = layer
    if len(weights) < 4:
        return f"{len(weights)} outputs; supported: 4 or more"
    wide = weights.astype(np.int64)
    own = 128 * np.abs(wide).sum(axis=1)
    raised = 128 * (wide + 8).sum(axis=1) + (8 * PAD_LIMIT if wide.shape[1] % 2 else 0)
    offset = np.abs(bias.astype(np.int64))[quads_of(len(weights))]
    largest = (np.stack([raised, raised, raised, own])[np.arange(4), quads_of(len(weights))] + offset).max(axis=0)
    over = [i for i, limit in enumerate(LIMITS) if largest[i] >= limit]
    return (
        f"sums up to {largest[over[0]]:,} at channel {over[0]} of four; supported: {LIMITS[over[0]]:,}"
        if over
        else None
    )


def quad_records(layer: Layer, order: np.ndarray) -> np.ndarray:
    """Records of four channels, uint32 [records, kpairs + 8]; `order` as `k_pairs` gives it.

    A halfword is u0 + 16 u1 + 256 u2 + 4096 w3 with u = w + 8; the same of zeros where the order says `NOTHING`.
    """
    weights, bias, mult = (v.astype(np.int64) for v in layer)
    quads = quads_of(len(weights))
    padded = np.concatenate([weights, np.zeros((len(weights), 1), np.int64)], axis=1)[quads]
    lanes = (padded[:, :3] + 8) * np.array([1, 16, 256])[:, None]
    halves = (lanes.sum(axis=1) + 4096 * padded[:, 3]) & 0xFFFF
    words = halves[:, order[:, 0]] | halves[:, order[:, 1]] << 16
    sums = np.cumsum(bias[quads] * np.array([1, 16, 256, 4096]), axis=1)
    return (np.concatenate([sums, words, mult[quads]], axis=1) & 0xFFFFFFFF).astype(np.uint32)


def quad_stream(layer: Layer, order: np.ndarray, shift: int) -> np.ndarray:
    """The stream of `ew_gemm_w4_px4__dsp.S`: uint32 [words]."""
    records = quad_records(layer, order)
    whole = len(layer[0]) // 4
    runs = [(0, records[:whole]), (len(layer[0]) - 4, records[whole:])]
    words = [np.array([shift], np.uint32)]
    for first, run in runs:
        if run.size:
            words += [np.array([4 * run.size, first], np.uint32), run.reshape(-1)]
    return np.concatenate([*words, np.zeros(3, np.uint32)])


class FcW4Kernel(Kernel[FcS8]):
    """A fully connected layer of weights in [-7, 7], row by row, four outputs at a time."""

    symbol = "ew_fc_w4_s8__dsp"
    sources = ("dsp/ew_fc_w4_s8__dsp.c", "dsp/ew_fc4_w4__dsp.S", "dsp/ew_clamp__dsp.c")

    def limits(self, contract: FcS8) -> str | None:
        contract = narrow(contract)
        return refusal_of_w4(contract) or quad_refusal(layer_of(contract))

    def calls(self, contract: FcS8) -> list[KernelCall]:
        contract = narrow(contract)
        order = k_pairs(1, contract.weights.shape[1])
        padded = np.pad(order, ((0, -len(order) % 4), (0, 0)), constant_values=NOTHING)
        records = quad_records(layer_of(contract), padded)
        return [KernelCall(self.symbol, "ew_fc_s8_t", fc_fields(contract, Array(records.reshape(-1)), 0, 0))]

    def scratch_bytes(self, contract: FcS8) -> int:
        return int(contract.weights.shape[1] + 7) // 8 * 16

    def scratch_overlap_bytes(self, contract: FcS8) -> int | None:
        """A single row is widened into its own memory: it doubles, and both end at the same byte or x later."""
        return self.scratch_bytes(contract) - contract.weights.shape[1] if contract.rows == 1 else None

    def cost(self, contract: FcS8) -> float:
        n, k = contract.weights.shape
        fours, quads = -(-k // 8), -(-n // 4)
        return float(75 + contract.rows * (50 + 2.25 * k + quads * (30 + 30 * fours + 3 * -(-fours // 8))))


class _QuadWeights(GemmKernel):
    """Weights in [-7, 7], four channels to a halfword."""

    form = "w4"
    lane = None

    def weight_refusal(self, contract: ConvS8) -> str | None:
        contract = narrow(contract)
        return refusal_of_w4(contract) or quad_refusal(layer_of(contract))

    def packed(self, contract: ConvS8) -> np.ndarray:
        contract = narrow(contract)
        return quad_stream(layer_of(contract), k_pairs(*self.runs(contract)), contract.shift)

    def gemm_instructions(self, contract: ConvS8) -> float:
        kpairs, quads = kpairs_of(*self.runs(contract)), -(-contract.out_shape[2] // 4)
        blocks, tail = divmod(pixels_of(contract), 4)
        quad = 13 * kpairs + 3 * ((kpairs + 14) // 16) + 50
        return float((2 * blocks + tail) * (quads * quad + 63) + (7 * blocks + 14 * tail) * kpairs - 45 * blocks)


class Conv1x1W4Kernel(_QuadWeights, Conv1x1Kernel):
    """1x1 convolution of stride 1, weights in [-7, 7]."""

    symbol = "ew_conv_1x1_w4_s8__dsp"
    sources = ("dsp/ew_conv_1x1_w4_s8__dsp.c", "dsp/ew_conv_1x1_driver__dsp.c", *FORM_SOURCES["w4"])


class ConvW4Kernel(_QuadWeights, ConvKernel):
    """Any convolution of groups 1, weights in [-7, 7]."""

    symbol = "ew_conv_w4_s8__dsp"
    sources = ("dsp/ew_conv_w4_s8__dsp.c", "dsp/ew_conv_driver__dsp.c", *FORM_SOURCES["w4"])


class FcAsConvW4Kernel(RecastKernel[FcS8]):
    """A fully connected layer as a convolution whose pixels are the rows: no more code where there is one."""

    symbol = ConvW4Kernel.symbol
    sources = ConvW4Kernel.sources
    inner = ConvW4Kernel()

    def limits(self, contract: FcS8) -> str | None:
        return size_refusal(contract) or super().limits(contract)

    def recast(self, contract: FcS8) -> ConvS8:
        return as_conv(contract)


class _Slabs(WidenedKernel[ConvS8]):
    """16-bit weights that are widened a slab of channels at a time: less scratch memory, and windows gathered again."""

    widening = DSP
    inner: ClassVar[Conv1x1W16Kernel | ConvW16Kernel]

    def limits(self, contract: ConvS8) -> str | None:
        if contract.out_shape[2] <= SLAB:
            return f"{contract.out_shape[2]} outputs; supported: more than {SLAB}"
        return super().limits(contract)

    def slabs(self, contract: ConvS8) -> list[np.ndarray]:
        """The stream of each slab: uint32 [words]."""
        wide = unshifted(narrow(contract))
        order, (weights, bias, mult) = k_pairs(*self.inner.runs(wide)), layer_of(wide)
        ends = [min(first + SLAB, len(weights)) for first in range(0, len(weights), SLAB)]
        return [
            stream((weights[:end], bias[:end], mult[:end]), order, "w16", first)
            for first, end in zip(range(0, len(weights), SLAB), ends, strict=True)
        ]

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        """One for each slab. A slab clamps what others have not computed yet, which is harmless."""
        wide, slabs = unshifted(narrow(contract)), self.slabs(contract)
        largest = max(slabs, key=len)
        made = []
        for words in slabs:
            weights = weights_of(contract, largest, narrowed(words, DSP.layout, narrow(contract).shift))
            fields = conv_fields(wide, weights, 0, 0)
            made.append(KernelCall(self.inner.symbol, "ew_conv_s8_t", fields, widen=DSP.symbol))
        return made

    def scratch_bytes(self, contract: ConvS8) -> int:
        return 4 * even(max(map(len, self.slabs(contract)))) + self.inner.scratch_bytes(contract)

    def in_place(self, contract: ConvS8) -> tuple[int, ...]:
        """Never: each slab reads the whole input."""
        return ()

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        return None

    def cost(self, contract: ConvS8) -> float:
        again = -(-contract.out_shape[2] // SLAB) - 1
        gather = self.inner.cost(contract) - self.inner.gemm_instructions(contract)
        return super().cost(contract) + again * gather


class Conv1x1SlabsKernel(_Slabs):
    """1x1 convolution of stride 1."""

    symbol = with_suffix(Conv1x1W16Kernel.symbol, "+w4_slabs")
    inner = Conv1x1W16Kernel()
    sources = (*Conv1x1W16Kernel.sources, DSP.source)


class ConvSlabsKernel(_Slabs):
    """Any convolution of groups 1."""

    symbol = with_suffix(ConvW16Kernel.symbol, "+w4_slabs")
    inner = ConvW16Kernel()
    sources = (*ConvW16Kernel.sources, DSP.source)
