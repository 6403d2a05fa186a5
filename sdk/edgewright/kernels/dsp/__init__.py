"""Armv6, Armv7E-M and Armv8-M with DSP instructions: two products an instruction on halfwords."""
