"""Fully connected layers on Armv8.1-M with MVE (Cortex-M55, M85)."""

import numpy as np

from edgewright.contracts.conv import Window
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.dense import fc_fields
from edgewright.kernels.geometry.limits import shift_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped
from edgewright.kernels.mve.gemm import (
    FC_SOURCES,
    GEMM_SOURCES,
    STATIONARY_PIXELS,
    VECTOR_BYTES,
    fc_cost,
    fc_scratch_bytes,
    gemm_cost,
    packed_fc,
    packed_gemm,
    tail_bytes,
)


class FcKernel(Kernel[FcS8]):
    """A fully connected layer over a single row."""

    symbol = "ew_fc_s8__mve"
    lane = np.int8
    sources = FC_SOURCES

    def limits(self, contract: FcS8) -> str | None:
        return f"{contract.rows} rows; supported: 1" if contract.rows != 1 else shift_refusal(contract.shift)

    def calls(self, contract: FcS8) -> list[KernelCall]:
        packed = packed_fc(contract.weights, contract.bias, contract.mult)
        return [KernelCall(self.symbol, "ew_fc_s8_t", fc_fields(contract, packed, 0, 0))]

    def scratch_bytes(self, contract: FcS8) -> int:
        return fc_scratch_bytes(contract.weights.shape[1])

    def cost(self, contract: FcS8) -> float:
        out_features, in_features = contract.weights.shape
        return fc_cost(in_features, out_features)


class FcRowsKernel(Kernel[FcS8]):
    """A fully connected layer over several rows, which run in pairs."""

    symbol = "ew_fc_rows_s8__mve"
    lane = np.int8
    sources = ("mve/ew_fc_rows_s8__mve.c", *GEMM_SOURCES)

    def limits(self, contract: FcS8) -> str | None:
        return shift_refusal(contract.shift)

    def calls(self, contract: FcS8) -> list[KernelCall]:
        packed = packed_gemm(contract.weights, contract.bias, contract.mult)
        return [KernelCall(self.symbol, "ew_fc_s8_t", fc_fields(contract, packed, 0, 0))]

    def scratch_bytes(self, contract: FcS8) -> int:
        return tail_bytes(contract.weights.shape[1], contract.weights.shape[1])

    def overlap_bytes(self, contract: FcS8) -> int | None:
        out_features, in_features = contract.weights.shape
        step = STATIONARY_PIXELS if in_features <= VECTOR_BYTES else 2
        shapes = (contract.rows, 1, in_features), (contract.rows, 1, out_features)
        return overlap_bytes(Window((1, 1)), *shapes, stepped(contract.rows, step), copied=False)

    def cost(self, contract: FcS8) -> float:
        out_features, in_features = contract.weights.shape
        return gemm_cost(contract.rows, in_features, out_features) + 60
