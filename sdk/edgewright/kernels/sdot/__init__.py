"""AArch64 with SDOT: four products of each of four lanes an instruction."""
