"""AArch64 with base NEON: two products to an int16."""
