"""Armv8.1-M with MVE (Cortex-M55, M85): vectors of 16 bytes, every convolution a matrix product."""
