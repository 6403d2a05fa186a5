"""Holds what kernels claim to cost against the instructions that they execute."""
