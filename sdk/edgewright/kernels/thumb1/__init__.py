"""Armv6-M (Cortex-M0, M0+): taps of four positions widened to words."""
