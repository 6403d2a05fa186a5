"""Arithmetic that no instruction set owns: overlapping memory, strides, bounds of sums, Winograd's limits."""
